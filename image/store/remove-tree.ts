import { chmodSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { removeTree as removeDirectory } from '../../linux/remove-tree.ts';
import { hasCode } from '../../linux/system-error.ts';

/** Removes a file, or a directory with all that is in it, if it is there: deep, unwritable and immutable ones too. */
export function removeTree(path: string): void {
  if (isDirectory(path)) removeAnyDirectory(path);
  else rmSync(path, { force: true });
}

function removeAnyDirectory(path: string): void {
  try {
    removeDirectory(path);
  } catch (error) {
    if (!hasCode(error, 'EACCES')) throw error;
    openUp(Buffer.from(path));
    removeDirectory(path);
  }
}

/** Makes directories writable: an ordinary user cannot move one that is not, since that changes its "..". */
function openUp(directory: Buffer): void {
  chmodSync(directory, 0o700);
  for (const name of readdirSync(directory, { encoding: 'buffer' })) {
    const path = Buffer.concat([directory, Buffer.from('/'), name]);
    if (isDirectory(path)) openUp(path);
  }
}

function isDirectory(path: string | Buffer): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
