import {
  closeSync,
  constants,
  ftruncateSync,
  linkSync,
  lstatSync,
  openSync,
  type Stats,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { encodeDevice, makeNode, type NodeType } from '../../linux/device.ts';
import { hasCode } from '../../linux/system-error.ts';
import type { ArchiveEntry, EntryHeader } from '../archive/entry.ts';
import { leafName, parentPath, showTreePath, type TreePath } from '../tree-path.ts';
import { type Privilege, setAttributes, setLinkAttributes, setNodeAttributes } from './attributes.ts';
import { type Directories, placeIn } from './directories.ts';
import { ExtractError } from './error.ts';

/** Where something is made: the last component of `path`, in the open directory it belongs to. */
export interface Place {
  readonly directory: number;
  readonly path: TreePath;
  readonly privilege: Privilege;
}

/** Makes a regular file; EEXIST when anything, even a dangling link, has its name. */
export async function createFile({ directory, path, privilege }: Place, entry: ArchiveEntry): Promise<void> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const fd = openSync(placeIn(directory, path), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    let end = 0;
    for await (const { position, bytes } of entry.pieces) {
      writeAll(fd, bytes, position);
      end = position + bytes.length;
    }
    if (end < entry.size) ftruncateSync(fd, entry.size);
    setAttributes(fd, entry, privilege);
  } finally {
    closeSync(fd);
  }
}

function writeAll(fd: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(fd, bytes, done, bytes.length - done, position + done);
}

export function createSymlink({ directory, path, privilege }: Place, entry: EntryHeader): void {
  symlinkSync(entry.linkTarget, placeIn(directory, path));
  setLinkAttributes(placeIn(directory, path), entry, privilege);
}

/** Makes a hard link to a file that is in the tree already. A link to a symbolic link would be one out of the tree, later. */
export function createLink({ directory, path }: Place, directories: Directories, target: TreePath): void {
  const from = findTarget(directories, target);
  const problem = from === undefined ? 'which is not there' : whyNotLinked(lstatSync(from));
  if (from === undefined || problem !== undefined)
    throw new ExtractError(path, `is a hard link to ${showTreePath(target)}, ${problem}`);
  linkSync(from, placeIn(directory, path));
}

function findTarget(directories: Directories, target: TreePath): Buffer | undefined {
  try {
    const place = placeIn(directories.open(parentPath(target)), target);
    lstatSync(place);
    return place;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
    throw error;
  }
}

function whyNotLinked(target: Stats): string | undefined {
  if (target.isSymbolicLink()) return 'a symbolic link';
  return target.isDirectory() ? 'a directory' : undefined;
}

/** Makes a device or a fifo. Only root may make devices: they are left out otherwise. */
export function createNode(place: Place, type: NodeType, entry: EntryHeader): void {
  const { directory, path, privilege } = place;
  if (type !== 'fifo' && privilege !== 'root') return;
  const device = type === 'fifo' ? 0 : encodeDevice(entry.major, entry.minor);
  if (device === undefined) throw new ExtractError(path, 'is a device whose number does not exist');
  makeNode(directory, Buffer.from(`${leafName(path)}\0`, 'latin1'), type, device);
  setNodeAttributes(placeIn(directory, path), entry, privilege);
}
