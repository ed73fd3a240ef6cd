import {
  type BigIntStats,
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
} from 'node:fs';
import { decodeDevice } from '../linux/device.ts';
import { getXattr, listXattrs } from '../linux/xattr.ts';
import type { ArchiveEntry, EntryType, Piece } from './archive/entry.ts';
import { ArchiveError } from './archive/error.ts';
import { isAllowedXattr } from './extract/attributes.ts';
import { fileChunks } from './file-chunks.ts';
import { type MergedEntry, mergedDirectory } from './oci/merged-directory.ts';
import { visibleLayers } from './oci/overlay-mark.ts';

/**
 * A directory on disk as archive entries whose names begin with `prefix`: the directory itself first, then what is in it, sorted
 * by bytes, so that the same tree gives the same entries. Hard links point to the first of their names. Sockets are left out.
 * Of layers it is what overlayfs shows.
 */
export async function* readTree(from: string | LayeredTree, prefix: string): AsyncGenerator<ArchiveEntry> {
  const isLayered = typeof from !== 'string';
  const [first, ...others] = (isLayered ? visibleLayers(from.lowers) : [from]).map((path) =>
    Buffer.from(path),
  );
  if (first === undefined) return;
  const walk: Walk = { firstNames: new Map(), list: isLayered ? mergedDirectory : plainDirectory };
  const describedBy = isLayered ? Buffer.from(from.describedBy) : first;
  yield* readEntry(walk, { file: describedBy, path: Buffer.from(prefix), places: [first, ...others] });
}

/** Unpacked layers, the uppermost first, and the one whose root directory says what the tree's is. */
export interface LayeredTree {
  readonly lowers: readonly string[];
  readonly describedBy: string;
}

type Places = MergedEntry['places'];

function plainDirectory([directory]: Places): readonly MergedEntry[] {
  const names = readdirSync(directory, { encoding: 'buffer' }).sort(Buffer.compare);
  return names.map((name) => ({ name, places: [join(directory, name)] }));
}

interface Walk {
  /** What is in a directory, sorted. */
  readonly list: (places: Places) => readonly MergedEntry[];
  /** The first path in the archive of each file with several names, by device and inode. */
  readonly firstNames: Map<string, Buffer>;
}

interface Step {
  readonly file: Buffer;
  readonly path: Buffer;
  /** Of a directory: all there are of it. */
  readonly places: Places;
}

async function* readEntry(walk: Walk, { file, path, places }: Step): AsyncGenerator<ArchiveEntry> {
  const stat = lstatSync(file, { bigint: true });
  const type = entryType(stat);
  if (type === undefined) return;
  yield describe(walk, { file, path, stat, type });
  if (type !== 'directory') return;
  for (const { name, places: below } of walk.list(places))
    yield* readEntry(walk, { file: below[0], path: join(path, name), places: below });
}

interface Found {
  readonly file: Buffer;
  readonly path: Buffer;
  readonly stat: BigIntStats;
  readonly type: EntryType;
}

function describe(walk: Walk, { file, path, stat, type }: Found): ArchiveEntry {
  const first = type === 'directory' ? undefined : firstName(walk, path, stat);
  const isFile = type === 'file' && first === undefined;
  return {
    path,
    type: first === undefined ? type : 'link',
    linkTarget: first ?? (type === 'symlink' ? readlinkSync(file, { encoding: 'buffer' }) : Buffer.alloc(0)),
    mode: Number(stat.mode) & 0o7777,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    mtime: stat.mtimeNs,
    ...(type.endsWith('device') ? decodeDevice(stat.rdev) : { major: 0, minor: 0 }),
    size: isFile ? Number(stat.size) : 0,
    xattrs: first === undefined ? readXattrs(file) : new Map(),
    pieces: isFile ? filePieces(file, Number(stat.size)) : nothing(),
  };
}

/** The path under which a file with several names came before. */
function firstName(walk: Walk, path: Buffer, stat: BigIntStats): Buffer | undefined {
  if (stat.nlink < 2n) return undefined;
  const key = `${stat.dev}:${stat.ino}`;
  const first = walk.firstNames.get(key);
  if (first === undefined) walk.firstNames.set(key, path);
  return first;
}

function entryType(stat: BigIntStats): EntryType | undefined {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'directory';
  if (stat.isSymbolicLink()) return 'symlink';
  if (stat.isCharacterDevice()) return 'character-device';
  if (stat.isBlockDevice()) return 'block-device';
  return stat.isFIFO() ? 'fifo' : undefined;
}

function readXattrs(file: Buffer): ReadonlyMap<string, Buffer> {
  const path = Buffer.concat([file, Buffer.of(0)]);
  const names = listXattrs(path).filter((name) => isAllowedXattr(name, 'root'));
  return new Map(names.map((name) => [name, getXattr(path, name) ?? Buffer.alloc(0)]));
}

async function* filePieces(file: Buffer, size: number): AsyncGenerator<Piece> {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  let position = 0;
  try {
    for await (const bytes of fileChunks(fd)) {
      yield { position, bytes };
      position += bytes.length;
    }
  } finally {
    closeSync(fd);
  }
  if (position !== size)
    throw new ArchiveError(`${JSON.stringify(file.toString())} changed while it was read`);
}

async function* nothing(): AsyncGenerator<Piece> {}

function join(directory: Buffer, name: Buffer): Buffer {
  return Buffer.concat([directory, Buffer.from('/'), name]);
}
