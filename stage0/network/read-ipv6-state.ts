import { readFileSync } from 'node:fs';
import { hasCode } from '../../linux/system-error.ts';
import type { Ipv6State } from './ipv6-of-host.ts';

/** What this machine's kernel says about IPv6. */
export function readIpv6State(): Ipv6State {
  return {
    disabled: read('/proc/sys/net/ipv6/conf/default/disable_ipv6'),
    forwarding: read('/proc/sys/net/ipv6/conf/all/forwarding'),
    routes: read('/proc/net/ipv6_route'),
  };
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
