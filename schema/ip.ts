import { type Decoder, parsed } from './decode.ts';

/** An IPv4 or IPv6 address in text, as it came. */
export type IpAddress = string & { readonly __brand: 'IpAddress' };

/** An address and a prefix length: `172.16.28.2/24`. */
export type IpNetwork = string & { readonly __brand: 'IpNetwork' };

export const ipAddress: Decoder<IpAddress> = parsed(
  (text) => (ipVersion(text) === undefined ? undefined : (text as IpAddress)),
  'an IP address',
);

export const ipNetwork: Decoder<IpNetwork> = parsed(
  (text) => (isNetwork(text) ? (text as IpNetwork) : undefined),
  'an IP address and prefix length such as "10.1.2.3/24"',
);

/** 4 or 6, or undefined where `text` is no IP address. */
export function ipVersion(text: string): 4 | 6 | undefined {
  if (isIpv4(text)) return 4;
  return isIpv6(text) ? 6 : undefined;
}

/** The two parts of a network. */
export function splitNetwork(network: IpNetwork): { address: IpAddress; prefix: number } {
  const [address = '', prefix = ''] = network.split('/');
  return { address: address as IpAddress, prefix: Number(prefix) };
}

function isNetwork(text: string): boolean {
  const match = /^([0-9A-Fa-f:.]+)\/(0|[1-9]\d{0,2})$/.exec(text);
  const version = match === null ? undefined : ipVersion(match[1] ?? '');
  return version !== undefined && Number(match?.[2]) <= (version === 4 ? 32 : 128);
}

function isIpv4(text: string): boolean {
  return /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/.test(text);
}

/** RFC 4291 §2.2: eight groups, the last two maybe as IPv4; one run of zero groups may be `::`. Zones are refused. */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2 || text.length > 45) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const hasIpv4 = last.includes('.');
  if (hasIpv4 && (!isIpv4(last) || !text.endsWith(last))) return false;
  const size = groups.length + (hasIpv4 ? 1 : 0);
  const hex = hasIpv4 ? groups.slice(0, -1) : groups;
  return (
    (halves.length === 2 ? size <= 7 : size === 8) && hex.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))
  );
}
