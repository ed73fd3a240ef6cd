import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { copyImage } from '../../image/oci/copy-image.ts';
import { layoutDestination } from '../../image/oci/layout-destination.ts';
import { treeSource } from '../../image/oci/rootfs-source.ts';

const FILES = 20_000;
const BYTES = 400_000_000;
const amd64 = { os: 'linux', architecture: 'amd64' };

/** An image layout: `v1` is one gzipped layer of 400 MB in 20,000 files, `v2` has a small one above it. The same on every run. */
export async function makeLargeImage(layout: string): Promise<{ files: number; bytes: number }> {
  const tree = `${layout}-tree`;
  makeTree(tree);
  const config = (_: unknown, diffId: string) =>
    Buffer.from(JSON.stringify({ ...amd64, config: {}, rootfs: { type: 'layers', diff_ids: [diffId] } }));
  {
    await using source = await treeSource(tree, dirname(layout), config);
    await using destination = layoutDestination(layout, 'v1');
    await copyImage(source, await source.resolve(amd64), destination);
  }
  rmSync(tree, { recursive: true });
  mkdirSync(join(tree, 'etc'), { recursive: true });
  writeFileSync(join(tree, 'etc/small'), 'small\n');
  execFileSync('tar', ['-C', tree, '-cf', `${layout}-small.tar`, 'etc']);
  const add = ['raw', 'add-layer', '--image', `${layout}:v1`, '--tag', 'v2', `${layout}-small.tar`];
  execFileSync('umoci', add, { stdio: 'ignore' });
  rmSync(tree, { recursive: true });
  return { files: FILES, bytes: BYTES };
}

/** Sizes spread as those of programs and libraries do: most files are small, most bytes are in large ones. */
function makeTree(tree: string): void {
  const random = generator(1);
  const weights = Array.from({ length: FILES }, () =>
    Math.exp(4 * Math.sqrt(-2 * Math.log(random() + 1e-9)) * Math.cos(2 * Math.PI * random()) * 0.4),
  );
  const scale = BYTES / weights.reduce((sum, weight) => sum + weight, 0);
  const pool = compressible(random);
  for (const [index, weight] of weights.entries()) {
    const directory = join(tree, `d${index % 40}/e${index % 400}`);
    mkdirSync(directory, { recursive: true });
    writePieces(join(directory, `f${index}`), Math.round(weight * scale), pool, random);
  }
}

function writePieces(path: string, size: number, pool: Buffer, random: () => number): void {
  const fd = openSync(path, 'w', 0o644);
  for (let left = size; left > 0; ) {
    const length = Math.min(left, 65_536);
    const start = Math.floor(random() * (pool.length - length));
    writeSync(fd, pool, start, length);
    left -= length;
  }
  closeSync(fd);
}

/** Words and noise: gzip makes it about half as long. */
function compressible(random: () => number): Buffer {
  const words = Array.from({ length: 4096 }, () => Math.floor(random() * 2 ** 32).toString(36));
  const text = Array.from({ length: 1_500_000 }, () => words[Math.floor(random() * words.length)]).join(' ');
  const noise = Buffer.from(
    Uint32Array.from({ length: 1 << 20 }, () => Math.floor(random() * 2 ** 32)).buffer,
  );
  return Buffer.concat([Buffer.from(text), noise]);
}

/** mulberry32: numbers in [0, 1), the same for the same seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
