import type { NetworkConfig, PluginConfig } from '../../schema/cni/network-config.ts';

interface Subnets {
  readonly ipv4: string;
  /** A unique local prefix (RFC 4193). It begins with "rkt" in ASCII. */
  readonly ipv6: string;
}

/** rkt's networks that need no configuration; `ipv6`: whether the host can do IPv6 (see ipv6-of-host.ts). */
export function builtInNetworks(ipv6: boolean): readonly NetworkConfig[] {
  return [defaultNetwork(ipv6), defaultRestricted(ipv6)];
}

/** A pair of interfaces between pod and host, and the way out with the address of the host. */
function defaultNetwork(ipv6: boolean): NetworkConfig {
  const subnets = { ipv4: '172.16.28.0/24', ipv6: 'fd72:6b74:0:1628::/64' };
  const routes = [{ dst: '0.0.0.0/0' }, ...(ipv6 ? [{ dst: '::/0' }] : [])];
  return pointToPoint('default', true, { ...addresses(subnets, ipv6), routes });
}

/** The pod can talk to its host, and to nobody else. */
function defaultRestricted(ipv6: boolean): NetworkConfig {
  const subnets = { ipv4: '172.31.0.0/16', ipv6: 'fd72:6b74:0:1731::/64' };
  return pointToPoint('default-restricted', false, addresses(subnets, ipv6));
}

/** Addresses are kept where host-local keeps them by default, so that all data directories of a host share them. */
function addresses({ ipv4, ipv6 }: Subnets, withIpv6: boolean): PluginConfig {
  const ranges = [ipv4, ...(withIpv6 ? [ipv6] : [])].map((subnet) => [{ subnet }]);
  return { type: 'host-local', ranges };
}

function pointToPoint(name: string, ipMasq: boolean, ipam: PluginConfig): NetworkConfig {
  return { cniVersion: '1.0.0', name, plugins: [{ type: 'ptp', ipMasq, ipam }] };
}
