import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { O_CLOEXEC } from '../../linux/fcntl.ts';
import { openat2, RESOLVE } from '../../linux/openat2.ts';
import { hasCode } from '../../linux/system-error.ts';
import { fileRange } from './file-range.ts';
import { type FileSet, FileSetError } from './file-set.ts';

/** The regular files below a directory. No symbolic link is followed on the way to them, and none leads out. */
export function directoryFiles(path: string): FileSet {
  const root = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  const find = (name: string) => openFile(root, name);
  const size = (name: string): number | undefined => {
    const fd = find(name);
    if (fd === undefined) return undefined;
    using file = owned(fd);
    return fstatSync(file.fd).size;
  };
  return {
    size,
    open: async function* (name, offset = 0) {
      const fd = find(name);
      if (fd === undefined) throw new FileSetError(join(path, name), 'no such file');
      using file = owned(fd);
      yield* fileRange(file.fd, offset, fstatSync(file.fd).size);
    },
    locate: (name) => {
      const bytes = size(name);
      return bytes === undefined ? undefined : { path: join(path, name), offset: 0, size: bytes };
    },
    [Symbol.dispose]: () => closeSync(root),
  };
}

/** O_NONBLOCK keeps a fifo from making us wait for a writer; then it is refused. */
function openFile(root: number, name: string): number | undefined {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW | O_CLOEXEC;
  try {
    const fd = openat2(root, name, { flags, resolve: RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS });
    if (fstatSync(fd).isFile()) return fd;
    closeSync(fd);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    if (!hasCode(error, 'ELOOP')) throw error;
  }
  throw new FileSetError(JSON.stringify(name), 'not a regular file');
}

function owned(fd: number): { readonly fd: number } & Disposable {
  return { fd, [Symbol.dispose]: () => closeSync(fd) };
}
