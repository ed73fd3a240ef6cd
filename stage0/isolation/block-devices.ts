import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../linux/system-error.ts';

/** A block device by its number. */
export interface BlockDevice {
  readonly major: number;
  readonly minor: number;
}

/** The whole disks of this machine that have a size: what is throttled there holds for their partitions, too. */
export function readBlockDevices(directory = '/sys/block'): readonly BlockDevice[] {
  return readdirSync(directory).flatMap((name) => {
    const [, major, minor] = /^(\d+):(\d+)$/.exec(readLine(join(directory, name, 'dev'))) ?? [];
    if (major === undefined || Number(readLine(join(directory, name, 'size'))) === 0) return [];
    return [{ major: Number(major), minor: Number(minor) }];
  });
}

/** Empty for a device that has just gone. */
function readLine(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENODEV')) return '';
    throw error;
  }
}
