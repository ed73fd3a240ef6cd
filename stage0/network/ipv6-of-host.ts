/** What the kernel says about IPv6; undefined where it has no such file. */
export interface Ipv6State {
  /** /proc/sys/net/ipv6/conf/default/disable_ipv6 */
  readonly disabled: string | undefined;
  /** /proc/sys/net/ipv6/conf/all/forwarding */
  readonly forwarding: string | undefined;
  /** /proc/net/ipv6_route */
  readonly routes: string | undefined;
}

/**
 * Whether built-in networks may use IPv6. Plugins turn forwarding on, and a host that forwards no longer listens to router
 * advertisements (accept_ra in the kernel's ip-sysctl.rst): one that got its way out from them would lose it.
 */
export function canUseIpv6({ disabled, forwarding, routes }: Ipv6State): boolean {
  if (disabled?.trim() !== '0') return false;
  return forwarding?.trim() === '1' || !hasAdvertisedRoute(routes ?? '');
}

/** linux/ipv6_route.h: set for routes that come from router advertisements. */
const RTF_ADDRCONF = 0x0004_0000;

/** A line is destination, prefix length, source, its length, next hop, metric, refcnt, use, flags, device; numbers are hex. */
function hasAdvertisedRoute(routes: string): boolean {
  return routes.split('\n').some((line) => {
    const [destination = '', length = '', , , , , , , flags = ''] = line.trim().split(/\s+/);
    const isDefault = /^0{32}$/.test(destination) && Number.parseInt(length, 16) === 0;
    return isDefault && (Number.parseInt(flags, 16) & RTF_ADDRCONF) !== 0;
  });
}
