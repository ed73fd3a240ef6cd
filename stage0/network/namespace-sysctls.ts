/**
 * Kernel parameters of a network namespace that plugins are going to set up. The kernel tries a new IPv6 address out for a
 * second or two, and plugins wait for that; an address that an IPAM plugin gave to this pod alone needs no trial.
 */
export const NAMESPACE_SYSCTLS: Readonly<Record<string, string>> = {
  'net.ipv6.conf.default.accept_dad': '0',
};
