import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { unpackLayer } from '../../image/oci/layer.ts';
import { type LocalReference, openLocalSource } from '../../image/oci/open-source.ts';
import { readVerified } from '../../image/oci/verified-bytes.ts';
import { removeTree } from '../../image/store/remove-tree.ts';
import { makeDigest } from '../../schema/digest.ts';
import { digestOf, sampleImage } from '../registry/sample-image.ts';
import { tar } from '../registry/tar.ts';
import { zip } from '../registry/zip.ts';
import { mutateArchive, seededRandom } from './mutation.ts';

const top = mkdtempSync(join(tmpdir(), 'tsrkt-mutations-'));
after(() => rmSync(top, { recursive: true }));

const ROUNDS = 300;
const amd64 = { os: 'linux', architecture: 'amd64' };

/** Runs `work` on mutations of `original`: each ends with success or an expected error, in time. Counts the successes. */
async function survive(
  original: Buffer,
  mutate: typeof mutateArchive,
  work: (bytes: Buffer) => Promise<unknown>,
) {
  const random = seededRandom(20_261_126);
  let good = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now();
    try {
      await work(mutate(original, random));
      good++;
    } catch (error) {
      const { code } = error as { code?: string };
      if (typeof code !== 'string') throw new Error(`round ${round}`, { cause: error });
    }
    assert.ok(performance.now() - begin < 10_000, `round ${round} takes too long`);
  }
  return good;
}

/** Changes some bytes anywhere. */
function flipBytes(original: Buffer, random: (below: number) => number): Buffer {
  const bytes = Buffer.from(original);
  for (let count = 1 + random(3); count > 0; count--) bytes[random(bytes.length)] = random(256);
  return random(5) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
}

const layer = tar([
  { name: './', type: '5' },
  { name: 'd/', type: '5' },
  { name: 'd/file', content: 'x'.repeat(700) },
  { name: 'up', type: '2', link: '../outside' },
  { name: 'hard', type: '1', link: 'd/file' },
  { name: 'd/.wh.gone' },
  { name: 'd/.wh..wh..opq' },
  { name: '.wh.other' },
  { name: 'short', content: 'y', pax: { path: `d/${'long'.repeat(40)}`, 'SCHILY.xattr.user.a': 'b' } },
  { name: 'fifo', type: '6' },
]);

test('unpackLayer() meets damaged layers with an expected error or a tree, and writes nothing outside', async () => {
  mkdirSync(join(top, 'outside'));
  const good = await survive(layer, mutateArchive, async (bytes) => {
    const target = join(top, 'layer');
    mkdirSync(target);
    const diffId = makeDigest('sha256', createHash('sha256').update(bytes).digest('hex'));
    try {
      await unpackLayer(one(bytes), target, { diffId, privilege: 'user', lower: async () => [] });
    } finally {
      removeTree(target);
    }
  });
  assert.ok(good > 10 && good < ROUNDS - 10, `${good} of ${ROUNDS} could be unpacked`);
  assert.deepEqual(readdirSync(join(top, 'outside')), []);
});

async function* one(bytes: Buffer) {
  yield bytes;
}

async function readAll(kind: LocalReference['kind'], bytes: Buffer): Promise<void> {
  const path = join(top, 'archive');
  writeFileSync(path, bytes);
  await using source = await openLocalSource({ kind, path } as LocalReference, top);
  const { manifest } = await source.resolve(amd64);
  for (const blob of [manifest.config, ...manifest.layers])
    await readVerified((await source.openBlob(blob)).bytes, blob, 1 << 20);
}

const image = sampleImage();
const entry = { mediaType: image.mediaType, digest: image.digest, size: image.bytes.length };
const layout = [
  { name: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
  { name: 'index.json', content: JSON.stringify({ schemaVersion: 2, manifests: [entry] }) },
  ...[[image.digest, image.bytes] as const, ...image.blobs].map(([digest, content]) => ({
    name: `blobs/${digest.replace(':', '/')}`,
    content,
  })),
];
const layerTar = tar([{ name: 'a', content: 'x' }]);
const saved = [
  {
    name: 'manifest.json',
    content: JSON.stringify([{ Config: 'c.json', RepoTags: ['a:b'], Layers: ['l.tar'] }]),
  },
  {
    name: 'c.json',
    content: JSON.stringify({ ...amd64, rootfs: { type: 'layers', diff_ids: [digestOf(layerTar)] } }),
  },
  { name: 'l.tar', content: layerTar },
];

const inputs: [what: string, original: Buffer, kind: LocalReference['kind'], mutate: typeof mutateArchive][] =
  [
    ['layouts in a tar', tar(layout), 'oci-archive', mutateArchive],
    ['layouts in a zip', zip(layout.map((each) => ({ ...each, deflate: true }))), 'oci-archive', flipBytes],
    ['docker save archives', tar(saved), 'docker-archive', mutateArchive],
    ['docker save archives (bytes)', tar(saved), 'docker-archive', flipBytes],
  ];

for (const [what, original, kind, mutate] of inputs)
  test(`openLocalSource() meets damaged ${what} with an expected error or the image`, async () => {
    await readAll(kind, original);
    await survive(original, mutate, (bytes) => readAll(kind, bytes));
  });
