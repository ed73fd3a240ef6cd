import { callLong } from './libc.ts';
import { peek } from './memory.ts';

/** getpwuid(3): the login name of a user, from /etc/passwd or wherever this host keeps users; undefined where there is none. */
export function userName(uid: number): string | undefined {
  const { value: entry } = callLong('getpwuid', [uid]);
  if (entry === 0) return undefined;
  const name = Number(peek(entry, 8).readBigUInt64LE()); // struct passwd: pw_name at 0
  return peek(name, callLong('strlen', [name]).value).toString();
}
