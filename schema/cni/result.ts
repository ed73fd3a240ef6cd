import { cString } from '../c-string.ts';
import {
  array,
  type Decoder,
  defaulted,
  type Infer,
  integer,
  object,
  optional,
  refine,
  string,
} from '../decode.ts';
import { DecodeError, item, member } from '../decode-error.ts';
import { ipAddress, ipNetwork } from '../ip.ts';

/**
 * What a plugin printed after ADD (CNI spec, section 5), whatever version it speaks, as 1.0 has it.
 * For `prevResult` a runtime hands on what the plugin printed, not this.
 */
export interface CniResult {
  readonly interfaces: readonly CniInterface[];
  readonly ips: readonly CniIp[];
  readonly routes: readonly CniRoute[];
  readonly dns: CniDns;
}

export type CniInterface = Infer<typeof cniInterface>;
export type CniIp = Infer<typeof ip>;
export type CniRoute = Infer<typeof route>;
export type CniDns = Infer<typeof dns>;

/** Go writes an empty string where there is no address. */
function orEmpty<T>(decoder: Decoder<T>): Decoder<T | undefined> {
  return (value, at) => (value === '' ? undefined : decoder(value, at));
}

/** `sandbox` is empty for an interface on the host. */
const cniInterface = object({
  name: cString,
  mac: optional(cString),
  mtu: optional(integer(0)),
  sandbox: optional(cString),
});

/** `interface` is the index of the interface that has the address. */
const ip = object({
  address: ipNetwork,
  gateway: optional(orEmpty(ipAddress)),
  interface: optional(integer(-1)),
});

const route = object({
  dst: ipNetwork,
  gw: optional(orEmpty(ipAddress)),
  mtu: optional(integer(0)),
  advmss: optional(integer(0)),
  priority: optional(integer()),
});

const dns = object({
  nameservers: optional(array(ipAddress)),
  domain: optional(string),
  search: optional(array(string)),
  options: optional(array(string)),
});

const current = refine(
  object({
    interfaces: defaulted(array(cniInterface), []),
    ips: defaulted(array(ip), []),
    routes: defaulted(array(route), []),
    dns: defaulted(dns, {}),
  }),
  (result, at): CniResult => {
    const wrong = result.ips.findIndex(
      (each) => (each.interface ?? 0) >= Math.max(1, result.interfaces.length),
    );
    if (wrong >= 0)
      throw new DecodeError(`${item(member(at, 'ips'), wrong)}.interface`, 'there is no such interface');
    return result;
  },
);

/** Versions 0.1 and 0.2: one address of each kind, each with its routes. */
const family = object({
  ip: ipNetwork,
  gateway: optional(orEmpty(ipAddress)),
  routes: defaulted(array(route), []),
});
const early = object({ ip4: optional(family), ip6: optional(family), dns: defaulted(dns, {}) });

export const cniResult: Decoder<CniResult> = (value, at) => {
  const { ip4, ip6, dns } = early(value, at);
  const families = [ip4, ip6].filter((each) => each !== undefined);
  if (families.length === 0) return current(value, at);
  const ips = families.map(({ ip: address, gateway }) => (gateway ? { address, gateway } : { address }));
  return { interfaces: [], ips, routes: families.flatMap(({ routes }) => routes), dns };
};
