import { lstatSync, readdirSync } from 'node:fs';
import { isOpaque, isWhiteout } from './overlay-mark.ts';

/** A name that overlayfs shows in a directory, and where it is: a directory may be in several layers, the uppermost first. */
export interface MergedEntry {
  readonly name: Buffer;
  readonly places: readonly [Buffer, ...Buffer[]];
}

interface Found {
  readonly places: Buffer[];
  /** Whether layers below may add to it. */
  isOpen: boolean;
}

/** What overlayfs shows in a directory that these layers (the uppermost first) have, sorted by bytes. */
export function mergedDirectory(directories: readonly Buffer[]): readonly MergedEntry[] {
  const found = new Map<string, Found>();
  for (const directory of directories)
    for (const name of readdirSync(directory, { encoding: 'buffer' })) addTo(found, directory, name);
  const entries = [...found].flatMap(([name, { places }]): MergedEntry[] => {
    const [first, ...others] = places;
    return first === undefined ? [] : [{ name: Buffer.from(name, 'latin1'), places: [first, ...others] }];
  });
  return entries.sort((a, b) => Buffer.compare(a.name, b.name));
}

function addTo(found: Map<string, Found>, directory: Buffer, name: Buffer): void {
  const key = name.toString('latin1');
  const known = found.get(key) ?? { places: [], isOpen: true };
  if (!known.isOpen) return;
  found.set(key, known);
  const place = Buffer.concat([directory, Buffer.from('/'), name]);
  const stat = lstatSync(place);
  const isFirst = known.places.length === 0;
  if (stat.isDirectory() || (isFirst && !isWhiteout(stat))) known.places.push(place);
  known.isOpen = stat.isDirectory() && !isOpaque(Buffer.concat([place, Buffer.of(0)]));
}
