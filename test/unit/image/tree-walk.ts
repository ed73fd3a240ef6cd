import { createHash } from 'node:crypto';
import { readTree } from '../../../image/read-tree.ts';

/** A tree on disk as one line per file: type, mode, owner, time, size, device, link target, attributes, content. */
export async function walkTree(directory: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const entry of readTree(directory, '.')) {
    const hash = createHash('sha1');
    for await (const { bytes } of entry.pieces) hash.update(bytes);
    const { path, type, mode, uid, gid, mtime, size, major, minor, linkTarget, xattrs } = entry;
    const attributes = [...xattrs].map(([name, value]) => `${name}=${value.toString('hex')}`).sort();
    lines.push(
      [
        path.toString('latin1'),
        type,
        mode.toString(8),
        `${uid}:${gid}`,
        mtime,
        size,
        `${major},${minor}`,
        linkTarget.toString('latin1'),
        attributes,
        hash.digest('hex'),
      ].join(' '),
    );
  }
  return lines;
}
