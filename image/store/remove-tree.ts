import { lstatSync, rmSync } from 'node:fs';
import { removeTree as removeDirectory } from '../../linux/remove-tree.ts';

/** Removes a file, or a directory with all that is in it, if it is there: deep, unwritable and immutable ones too. */
export function removeTree(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory()) removeDirectory(path);
  else rmSync(path, { force: true });
}
