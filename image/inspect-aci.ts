import { type Aci, readAci, readSmallFile } from './aci.ts';
import type { Chunks } from './compression.ts';
import type { PlacedEntry } from './extract.ts';
import { pathChunks } from './file-chunks.ts';
import { rootPath, type TreePath } from './tree-path.ts';

/** What an ACI says without being unpacked. */
export interface AciInspection extends Aci {
  /** `/etc/passwd` and `/etc/group`, where the image has them as files. */
  readonly passwd: string | undefined;
  readonly group: string | undefined;
  /** Who owns the file at an absolute path of the image; undefined when it has none. Links are not followed. */
  ownerOf(path: string): Owner | undefined;
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const MAX_ACCOUNTS = 1024 * 1024;

/** Reads the ACI at `path` once and writes nothing. The same errors as `readAci`, so what passes can be imported. */
export function inspectAci(path: string): Promise<AciInspection> {
  return inspectChunks(pathChunks(path));
}

/** The same of an ACI that comes in chunks. */
export async function inspectChunks(chunks: Chunks): Promise<AciInspection> {
  const owners = new Map<string, Owner>();
  const files = new Map<string, Buffer>();
  const aci = await readAci(chunks, async (placed) => {
    noteOwner(owners, placed);
    const { entry } = placed;
    const isAccounts = placed.path === 'etc/passwd' || placed.path === 'etc/group';
    if (isAccounts && entry.type === 'file') files.set(placed.path, await readSmallFile(entry, MAX_ACCOUNTS));
  });
  return {
    ...aci,
    passwd: files.get('etc/passwd')?.toString(),
    group: files.get('etc/group')?.toString(),
    ownerOf: (name) => owners.get(key(name)),
  };
}

/** A hard link's owner is its file's. */
function noteOwner(owners: Map<string, Owner>, { entry, path, linkTarget }: PlacedEntry): void {
  const owner = entry.type === 'link' ? owners.get(linkTarget ?? rootPath) : entry;
  if (owner !== undefined) owners.set(path, { uid: owner.uid, gid: owner.gid });
}

function key(path: string): TreePath {
  const components = path.split('/').filter((component) => component !== '' && component !== '.');
  return Buffer.from(components.join('/')).toString('latin1') as TreePath;
}
