import { chmodSync, readdirSync, rmSync } from 'node:fs';
import { hasCode } from '../../linux/system-error.ts';

/** Removes a file or directory with all that is in it, if it is there. An ordinary user's unwritable directories go too. */
export function removeTree(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    if (!hasCode(error, 'EACCES', 'ENOTEMPTY')) throw error;
    openUp(Buffer.from(path));
    rmSync(path, { recursive: true, force: true });
  }
}

function openUp(directory: Buffer): void {
  chmodSync(directory, 0o700);
  const entries = readdirSync(directory, { withFileTypes: true, encoding: 'buffer' });
  for (const entry of entries)
    if (entry.isDirectory()) openUp(Buffer.concat([directory, Buffer.from('/'), entry.name]));
}
