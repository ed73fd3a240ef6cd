import { isIP } from 'node:net';

/** Where an app's /etc/hosts comes from: the image's own, else one with the pod's name; the host's; or one with these lines. */
export type Hosts =
  | { readonly from: 'image' }
  | { readonly from: 'host' }
  | { readonly from: 'flags'; readonly lines: readonly string[] };

/** A `--hosts-entry` that cannot be understood. */
export class HostsError extends Error {
  readonly code = 'ERR_HOSTS';
}

/** Decides what `--hosts-entry` asks for: `IP=NAME[,IP=NAME…]` as often as wanted, or the host's own file. */
export function planHosts(entries: readonly string[]): Hosts {
  if (entries.length === 0) return { from: 'image' };
  if (entries.every((entry) => entry === 'host')) return { from: 'host' };
  if (entries.includes('host'))
    throw new HostsError('cannot pass --hosts-entry=host with multiple hosts-entries');
  return {
    from: 'flags',
    lines: entries.flatMap((entry) => entry.split(',').map((pair) => hostLine(pair, entry))),
  };
}

/** hosts(5): the pod itself, and these lines. */
export function hostsFile(hostname: string, lines: readonly string[]): string {
  return [`127.0.0.1\t${LOCAL} ${hostname}`, `::1\t${LOCAL} ${hostname}`, ...lines, ''].join('\n');
}

const LOCAL = 'localhost localhost.domain localhost4 localhost4.localdomain4';

function hostLine(pair: string, entry: string): string {
  const [, ip = '', name = ''] = /^([^=\s]+)=([^=\s\0]+)$/.exec(pair) ?? [];
  if (name === '') throw new HostsError(`Did not understand --hosts-entry ${JSON.stringify(entry)}`);
  if (isIP(ip) === 0) throw new HostsError(`Invalid IP passed to --hosts-entry: ${JSON.stringify(ip)}`);
  return `${ip}\t${name}`;
}
