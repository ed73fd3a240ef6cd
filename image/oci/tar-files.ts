import { closeSync } from 'node:fs';
import { fileRange } from './file-range.ts';
import { type FileSet, FileSetError } from './file-set.ts';
import { indexTar, type TarMember } from './tar-index.ts';

/** The files of an uncompressed tar, which is closed when this is disposed of. `path` is where the tar can be found again. */
export function tarFiles(fd: number, path?: string): FileSet {
  const members = indexTar(fd);
  const locate = (name: string) => {
    const found = asFile(members.get(name), name);
    return found === undefined || path === undefined ? undefined : { path, ...found };
  };
  return {
    size: (name) => asFile(members.get(name), name)?.size,
    open: (name, offset = 0) => {
      const found = asFile(members.get(name), name);
      if (found === undefined) throw new FileSetError(JSON.stringify(name), 'no such file in the archive');
      return fileRange(fd, found.offset + offset, found.offset + found.size);
    },
    locate,
    [Symbol.dispose]: () => closeSync(fd),
  };
}

/** Links are refused where they are asked for: a layer that is a link has been written by `docker save` of old, or by no friend. */
function asFile(member: TarMember | undefined, name: string): Exclude<TarMember, 'link'> | undefined {
  if (member === 'link') throw new FileSetError(JSON.stringify(name), 'a link, not a file');
  return member;
}
