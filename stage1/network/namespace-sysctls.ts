/**
 * Kernel parameters of a pod's network namespace, to be set before plugins run. The kernel tries new IPv6 addresses out for
 * a second or two, and plugins wait for that; an address that an IPAM plugin gave to this pod alone needs no trial.
 */
export const NAMESPACE_SYSCTLS: Readonly<Record<string, string>> = {
  'net.ipv6.conf.default.accept_dad': '0',
};
