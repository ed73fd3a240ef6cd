import type { Uuid } from '../../schema/uuid.ts';

export class HostnameError extends Error {
  readonly code = 'ERR_HOSTNAME';
}

/** The host name that was asked for. hostname(7): labels of letters, digits and `-`. */
export function checkHostname(wanted: string): string {
  const isName = /^(?!-)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?<!-)$/.test(wanted);
  if (isName && wanted.length <= 64) return wanted;
  throw new HostnameError(
    `--hostname ${JSON.stringify(wanted)}: expected at most 64 letters, digits, "-" and "."`,
  );
}

/** The host name of a pod nobody named. */
export function defaultHostname(uuid: Uuid): string {
  return `tsrkt-${uuid}`;
}
