import { closeSync, mkdirSync, mkdtempSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArchive } from '../../../../image/archive.ts';
import { beginExtraction, type ExtractOptions } from '../../../../image/extract.ts';
import { removeTree } from '../../../../image/store/remove-tree.ts';
import { parseTreePath, type TreePath } from '../../../../image/tree-path.ts';
import { archive, inChunks } from '../tar-blocks.ts';

export const user: ExtractOptions = { privilege: 'user', duplicates: 'refuse' };
export const layer: ExtractOptions = { privilege: 'user', duplicates: 'replace' };

export interface Place extends Disposable {
  readonly root: string;
  readonly outside: string;
}

/** A root to extract into, beside a directory with a secret that must stay as it is. */
export function makePlace(): Place {
  const top = mkdtempSync(join(tmpdir(), 'tsrkt-extract-'));
  const [root, outside] = [join(top, 'root'), join(top, 'outside')];
  mkdirSync(root);
  mkdirSync(outside);
  writeFileSync(join(outside, 'secret'), 'secret');
  symlinkSync('secret', join(outside, 'link'));
  return { root, outside, [Symbol.dispose]: () => removeTree(top) };
}

/** Extracts an archive of these parts, as a layer or as an ordinary user's ACI. */
export async function extract(root: string, ...parts: readonly (Buffer | ExtractOptions)[]): Promise<void> {
  const options = parts.find((part): part is ExtractOptions => !Buffer.isBuffer(part)) ?? user;
  const fd = openSync(root, 'r');
  try {
    using extraction = beginExtraction(fd, options);
    for await (const each of readArchive(inChunks(archive(...parts.filter((part) => Buffer.isBuffer(part))))))
      await extraction.add(
        each.type === 'link'
          ? { entry: each, path: treePath(each.path), linkTarget: treePath(each.linkTarget) }
          : { entry: each, path: treePath(each.path) },
      );
    extraction.finish();
  } finally {
    closeSync(fd);
  }
}

function treePath(name: Buffer): TreePath {
  const parsed = parseTreePath(name);
  if ('problem' in parsed) throw Object.assign(new Error(`${name} ${parsed.problem}`), { code: 'ERR_TEST' });
  return parsed.path;
}
