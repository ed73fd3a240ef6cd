import { createHash } from 'node:crypto';
import { readTree } from '../read-tree.ts';

/** A digest of all that a tree is: names, types, modes, owners, times, link targets, attributes, contents. */
export async function treeDigest(directory: string): Promise<string> {
  const hash = createHash('sha512');
  for await (const { pieces, path, linkTarget, xattrs, mtime, ...entry } of readTree(directory, '.')) {
    const attributes = [...xattrs].map(([name, value]) => `${name}=${value.toString('hex')}`).sort();
    const names = [path.toString('hex'), linkTarget.toString('hex')];
    const { type, mode, uid, gid, size, major, minor } = entry;
    hash.update(JSON.stringify([names, type, mode, uid, gid, size, major, minor, String(mtime), attributes]));
    for await (const { position, bytes } of pieces) hash.update(`${position} `).update(bytes);
  }
  return hash.digest('hex');
}
