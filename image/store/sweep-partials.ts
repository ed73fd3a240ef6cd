import { closeSync, fstatSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { partialDirectory, type Store } from './layout.ts';
import { openPartial, partialNotes } from './partial.ts';
import { removeTree } from './remove-tree.ts';

/**
 * Removes what ended downloads left longer ago than `graceMs`, which nobody will go on with: a file and what was noted of it together,
 * and what is no file at all whatever its age.
 */
export function sweepPartials(store: Store, graceMs: number): void {
  const names = readdirSync(partialDirectory(store));
  for (const name of new Set(names.map((each) => each.replace(/(?<=.)\.json$/, ''))))
    sweepPartial(join(partialDirectory(store), name), graceMs);
}

function sweepPartial(path: string, graceMs: number): void {
  const fd = openPartial(path);
  if (fd === undefined) return;
  try {
    if (Date.now() - lastWritten(path, fd) < graceMs) return;
    removeTree(partialNotes(path));
    removeTree(path);
  } finally {
    closeSync(fd);
  }
}

/** In milliseconds; 0 of an empty file that has no notes, which may be our own. */
function lastWritten(path: string, fd: number): number {
  const { size, mtimeMs } = fstatSync(fd);
  const noted = lstatSync(partialNotes(path), { throwIfNoEntry: false });
  return Math.max(size === 0 ? 0 : mtimeMs, noted?.mtimeMs ?? 0);
}
