import { type BigIntStats, statSync } from 'node:fs';
import { decodeDevice } from '../../linux/device.ts';

/** What a path of the host is, links followed. */
export type HostFile =
  | { readonly type: 'directory' | 'other' }
  | { readonly type: 'b' | 'c'; readonly major: number; readonly minor: number };

/** Undefined: there is nothing. */
export function readHostFile(path: string): HostFile | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && describe(stats);
}

function describe(stats: BigIntStats): HostFile {
  if (stats.isBlockDevice()) return { type: 'b', ...decodeDevice(stats.rdev) };
  if (stats.isCharacterDevice()) return { type: 'c', ...decodeDevice(stats.rdev) };
  return { type: stats.isDirectory() ? 'directory' : 'other' };
}
