import { libc } from './call.ts';
import { rlimitNumber } from './rlimit.ts';

/** getrlimit(2) of this process. The JavaScript runtime raises its soft RLIMIT_NOFILE when it starts: only the hard one tells. */
export function getRlimit(name: string): { readonly soft: bigint; readonly hard: bigint } {
  const number = rlimitNumber(name);
  if (number === undefined) throw new TypeError(`no resource limit ${name}`);
  const bytes = Buffer.alloc(16); // struct rlimit64: rlim_cur at 0, rlim_max at 8
  libc('getrlimit64', [number, bytes], `read ${name}`);
  return { soft: bytes.readBigUInt64LE(0), hard: bytes.readBigUInt64LE(8) };
}
