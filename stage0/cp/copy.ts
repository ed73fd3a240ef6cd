import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  rmSync,
  type Stats,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { O_CLOEXEC } from '../../linux/fcntl.ts';
import { asFileOwner } from '../../linux/file-identity.ts';
import { openat2, RESOLVE } from '../../linux/openat2.ts';
import { hasCode } from '../../linux/system-error.ts';
import type { Spot } from './side.ts';

/** Whose the copies are, and which bits of their modes they keep. */
export interface CopyOptions {
  readonly uid: number;
  readonly gid: number;
  readonly modeMask: number;
  /** Told of what is no file, directory or link: it is not copied. */
  readonly onSkipped: (name: string) => void;
}

type Place = Pick<Spot, 'directory' | 'name'>;

/**
 * Copies a file, or a directory with all in it. Both sides are walked by open directories, one name at a time, no link
 * followed: what is swapped for a link meanwhile is refused (CVE-2018-15664), and nothing of either side is run or loaded
 * (CVE-2019-14271).
 */
export function copy(from: Place, to: Place, options: CopyOptions): void {
  const stat = lstatSync(pathOf(from));
  if (stat.isDirectory()) copyDirectory(from, to, options);
  else if (stat.isFile()) copyFile(from, to, options);
  else if (stat.isSymbolicLink()) copyLink(from, to, options);
  else options.onSkipped(from.name.toString());
}

/** By way of the directory's fd; only the name itself is looked up. */
function pathOf({ directory, name }: Place): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${directory}/`), name]);
}

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;

function openAt({ directory, name }: Place, flags: number): number {
  const resolve = RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS | RESOLVE.NO_MAGICLINKS;
  return openat2(directory, name, { flags: flags | O_NOFOLLOW | O_CLOEXEC, resolve });
}

function copyDirectory(from: Place, to: Place, options: CopyOptions): void {
  const source = openAt(from, O_RDONLY | O_DIRECTORY);
  try {
    const target = makeDirectory(to, options);
    try {
      for (const name of readdirSync(`/proc/self/fd/${source}`, { encoding: 'buffer' }))
        copy({ directory: source, name }, { directory: target, name }, options);
      giveAttributes(target, fstatSync(source), options);
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

/** Opens the directory, which may be there already. */
function makeDirectory(place: Place, owner: CopyOptions): number {
  try {
    asFileOwner(owner, () => mkdirSync(pathOf(place), { mode: 0o700 }));
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  return openAt(place, O_RDONLY | O_DIRECTORY);
}

function copyFile(from: Place, to: Place, options: CopyOptions): void {
  const source = openAt(from, O_RDONLY | O_NONBLOCK); // a FIFO put in its place must not stop us
  try {
    const stat = fstatSync(source);
    if (stat.isFile()) copyOpenFile(source, stat, to, options);
    else options.onSkipped(from.name.toString());
  } finally {
    closeSync(source);
  }
}

function copyOpenFile(source: number, stat: Stats, to: Place, options: CopyOptions): void {
  const target = makeFile(to, options);
  try {
    copyBytes(source, target);
    giveAttributes(target, stat, options);
  } finally {
    closeSync(target);
  }
}

/** What has the name gives way, unless it is a directory; the new file is nobody else's. */
function makeFile(place: Place, owner: CopyOptions): number {
  remove(place);
  const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  return asFileOwner(owner, () => openSync(pathOf(place), flags, 0o600));
}

function remove(place: Place): void {
  rmSync(pathOf(place), { force: true });
}

function copyBytes(source: number, target: number): void {
  const buffer = Buffer.allocUnsafe(1 << 18);
  for (let count = readSync(source, buffer); count > 0; count = readSync(source, buffer))
    for (let done = 0; done < count; ) done += writeSync(target, buffer, done, count - done);
}

function copyLink(from: Place, to: Place, owner: CopyOptions): void {
  const target = readlinkSync(pathOf(from), { encoding: 'buffer' });
  remove(to);
  asFileOwner(owner, () => symlinkSync(target, pathOf(to)));
  lchownSync(pathOf(to), owner.uid, owner.gid);
}

/** The owner first: a change of owner takes setuid bits away. */
function giveAttributes(fd: number, { mode }: Stats, { uid, gid, modeMask }: CopyOptions): void {
  fchownSync(fd, uid, gid);
  fchmodSync(fd, mode & modeMask);
}
