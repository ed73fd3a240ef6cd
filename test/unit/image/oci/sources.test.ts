import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readBody } from '../../../../image/http/body.ts';
import { copyImage } from '../../../../image/oci/copy-image.ts';
import { layoutDestination } from '../../../../image/oci/layout-destination.ts';
import { type LocalReference, openLocalSource } from '../../../../image/oci/open-source.ts';
import type { ImageSource } from '../../../../image/oci/source.ts';
import { readVerified } from '../../../../image/oci/verified-bytes.ts';
import { digestOf, sampleImage } from '../../../registry/sample-image.ts';
import { type Member, tar } from '../../../registry/tar.ts';
import { zip } from '../../../registry/zip.ts';

const top = mkdtempSync(join(tmpdir(), 'tsrkt-sources-'));
after(() => rmSync(top, { recursive: true }));

const amd64 = { os: 'linux', architecture: 'amd64' };
const image = sampleImage([[{ name: 'a', content: 'a'.repeat(5000) }], [{ name: 'b' }]]);

let count = 0;
const fresh = () => join(top, String(count++));

function write(bytes: Buffer | string, path = fresh()): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

const open = (kind: LocalReference['kind'], path: string, name?: string): Promise<ImageSource> =>
  openLocalSource(
    { kind, path, ...(name === undefined ? {} : { tag: name, image: name }) } as LocalReference,
    top,
  );

/** Resolves and reads everything, each blob verified. */
async function readAll(source: ImageSource): Promise<string> {
  await using from = source;
  const { manifest, manifestDigest } = await from.resolve(amd64);
  for (const blob of [manifest.config, ...manifest.layers])
    await readVerified((await from.openBlob(blob)).bytes, blob, 1 << 20);
  return manifestDigest;
}

/** The sample image's files as a layout has them. */
function layoutFiles(tag = 'v1'): Map<string, Buffer> {
  const annotations = { 'org.opencontainers.image.ref.name': tag };
  const entry = { mediaType: image.mediaType, digest: image.digest, size: image.bytes.length, annotations };
  const blobs = [[image.digest, image.bytes] as const, ...image.blobs];
  return new Map([
    ['oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')],
    ['index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [entry] }))],
    ...blobs.map(([digest, bytes]) => [`blobs/${digest.replace(':', '/')}`, bytes] as const),
  ]);
}

const members = (files: Map<string, Buffer>): Member[] =>
  [...files].map(([name, content]) => ({ name, content }));

function layoutDirectory(files = layoutFiles()): string {
  const path = fresh();
  for (const [name, bytes] of files) write(bytes, join(path, name));
  return path;
}

const archives: Record<string, () => string> = {
  tar: () => write(tar(members(layoutFiles()))),
  'tar.gz': () => write(gzipSync(tar(members(layoutFiles())))),
  'tar with "./"': () =>
    write(tar(members(layoutFiles()).map((each) => ({ ...each, name: `./${each.name}` })))),
  'tar with pax names': () =>
    write(tar(members(layoutFiles()).map((each) => ({ ...each, name: 'x', pax: { path: each.name } })))),
  'tar by tar(1)': () => {
    const path = fresh();
    execFileSync('tar', ['-cf', path, '-C', layoutDirectory(), '.']);
    return path;
  },
  zip: () => write(zip([...layoutFiles()].map(([name, content]) => ({ name, content, deflate: true })))),
};

test('openLocalSource() reads an image layout, by its tag or as the only image', async () => {
  const path = layoutDirectory();
  assert.equal(await readAll(await open('oci', path)), image.digest);
  assert.equal(await readAll(await open('oci', path, 'v1')), image.digest);
  await assert.rejects(
    open('oci', path, 'v2').then(readAll),
    /no?t? hold one image called "v2"; there are "v1"$/,
  );
});

for (const [what, make] of Object.entries(archives))
  test(`openLocalSource() reads an image layout in a ${what}`, async () => {
    assert.equal(await readAll(await open('oci-archive', make())), image.digest);
  });

const broken: [what: string, change: (files: Map<string, Buffer>) => void, code: string][] = [
  ['without the mark of a layout', (files) => files.delete('oci-layout'), 'ERR_IMAGE_FILES'],
  ['without an index', (files) => files.delete('index.json'), 'ERR_IMAGE_FILES'],
  [
    'without its manifest',
    (files) => files.delete(`blobs/${image.digest.replace(':', '/')}`),
    'ERR_IMAGE_FILES',
  ],
  [
    'with another manifest',
    (files) =>
      files.set(
        `blobs/${image.digest.replace(':', '/')}`,
        Buffer.from(image.bytes.toString().replace('2', '3')),
      ),
    'ERR_DIGEST_MISMATCH',
  ],
  [
    'with a longer layer',
    (files) => files.set(`blobs/${String(image.layers[0]).replace(':', '/')}`, Buffer.alloc(99_999)),
    'ERR_SIZE_MISMATCH',
  ],
];

for (const [what, change, code] of broken)
  test(`a layout ${what} is refused`, async () => {
    const files = layoutFiles();
    change(files);
    await assert.rejects(open('oci', layoutDirectory(files)).then(readAll), { code });
    await assert.rejects(open('oci-archive', write(tar(members(files)))).then(readAll), { code });
  });

test('a layout whose blob is a symbolic link is refused: it could lead to any file', async () => {
  const path = layoutDirectory();
  const blob = join(path, 'blobs', String(image.layers[0]).replace(':', '/'));
  rmSync(blob);
  symlinkSync('/etc/passwd', blob);
  await assert.rejects(open('oci', path).then(readAll), { code: 'ERR_IMAGE_FILES' });
});

const hostileTars: [what: string, members: Member[]][] = [
  ['a name that comes twice', [...members(layoutFiles()), { name: 'index.json', content: '{}' }]],
  ['a name that leads upwards', [...members(layoutFiles()), { name: '../x' }]],
  ['a link with content', [...members(layoutFiles()), { name: 'x', type: '2', link: 'y', content: 'z' }]],
];

for (const [what, hostile] of hostileTars)
  test(`an archive with ${what} is refused`, async () => {
    await assert.rejects(open('oci-archive', write(tar(hostile))), { code: 'ERR_ARCHIVE' });
  });

test('an archive that ends inside a file, or is none, is refused', async () => {
  const whole = tar(members(layoutFiles()));
  await assert.rejects(open('oci-archive', write(whole.subarray(0, 1600))), { code: 'ERR_ARCHIVE' });
  await assert.rejects(open('oci-archive', write(Buffer.alloc(2000, 'x'))), { code: 'ERR_ARCHIVE' });
  await assert.rejects(open('oci-archive', top), { code: 'ERR_IMAGE_FILES' });
});

const layerTar = tar([{ name: 'a', content: 'x' }]);
const config = JSON.stringify({ ...amd64, rootfs: { type: 'layers', diff_ids: [digestOf(layerTar)] } });
const saved = (more: Partial<{ Config: string; RepoTags: string[]; Layers: string[] }> = {}) =>
  JSON.stringify([{ Config: 'c.json', RepoTags: ['app:v1'], Layers: ['l/layer.tar'], ...more }]);
const savedMembers = (
  manifest = saved(),
  layer: Member = { name: 'l/layer.tar', content: layerTar },
): Member[] => [{ name: 'manifest.json', content: manifest }, { name: 'c.json', content: config }, layer];

test('openLocalSource() reads what docker save writes, with one digest each time', async () => {
  const path = write(tar(savedMembers()));
  const digest = await readAll(await open('docker-archive', path));
  assert.equal(await readAll(await open('docker-archive', path, 'app:v1')), digest);
  assert.equal(await readAll(await open('docker-archive', path, 'docker.io/library/app:v1')), digest);
  await assert.rejects(open('docker-archive', path, 'app:v2').then(readAll), { code: 'ERR_IMAGE_FILES' });
});

test('openLocalSource() reads docker save archives whose layers are compressed', async () => {
  const layer = { name: 'l/layer.tar', content: gzipSync(layerTar) };
  await readAll(await open('docker-archive', write(tar(savedMembers(saved(), layer)))));
});

const badSaved: Record<string, Member[]> = {
  'a layer that is a symbolic link': savedMembers(saved(), {
    name: 'l/layer.tar',
    type: '2',
    link: '../other/layer.tar',
  }),
  'a layer that is missing': savedMembers(saved({ Layers: ['none'] })),
  'more layers than diff_ids': savedMembers(saved({ Layers: ['l/layer.tar', 'l/layer.tar'] })),
  'another layer than its diff ID says': savedMembers(saved(), {
    name: 'l/layer.tar',
    content: tar([{ name: 'evil' }]),
  }),
  'a layer outside of the archive': savedMembers(saved({ Layers: ['../../etc/passwd'] })),
  'a configuration outside of the archive': savedMembers(saved({ Config: '/etc/passwd' })),
};

for (const [what, archive] of Object.entries(badSaved))
  test(`a docker save archive with ${what} is refused`, async () => {
    await assert.rejects(open('docker-archive', write(tar(archive))).then(readAll));
  });

for (const [how, bytes] of Object.entries({ plain: layerTar, gzip: gzipSync(layerTar) }))
  test(`openLocalSource() makes an image of what docker export writes (${how})`, async () => {
    await using source = await open('docker-export', write(bytes));
    const { manifest } = await source.resolve(amd64);
    const [layer] = manifest.layers;
    assert.equal(layer?.digest, digestOf(bytes));
    const parsed = JSON.parse((await readBody((await source.openBlob(manifest.config)).bytes)).toString());
    assert.deepEqual(parsed.rootfs.diff_ids, [digestOf(layerTar)]);
    await readAll(await open('docker-export', write(bytes)));
  });

test('openLocalSource() decompresses what docker images cannot hold (xz) first', async () => {
  const path = write(layerTar);
  execFileSync('xz', [path]);
  await using source = await open('docker-export', `${path}.xz`);
  assert.equal((await source.resolve(amd64)).manifest.layers[0]?.digest, digestOf(layerTar));
});

test('openLocalSource() makes the same image of the same directory each time', async () => {
  const path = fresh();
  write('hello', join(path, 'bin/hello'));
  const digest = await readAll(await open('rootfs', path));
  assert.equal(await readAll(await open('rootfs', path)), digest);
  await assert.rejects(open('rootfs', join(path, 'bin/hello')), { code: 'ERR_IMAGE_FILES' });
});

test('layoutDestination() writes a layout that can be read, and replaces a tag', async () => {
  const path = fresh();
  for (const tag of ['v1', 'v2', 'v1']) {
    const source = await open('oci', layoutDirectory());
    await copyImage(source, await source.resolve(amd64), layoutDestination(path, tag));
  }
  const { manifests } = JSON.parse(readFileSync(join(path, 'index.json'), 'utf8'));
  assert.deepEqual(
    manifests.flatMap((each: { annotations: Record<string, string> }) => Object.values(each.annotations)),
    ['v2', 'v1'],
  );
  assert.equal(await readAll(await open('oci', path, 'v1')), image.digest);
});

test('locateBlob() says where a blob lies, so that it need not be copied through us', async () => {
  for (const [kind, path] of [
    ['oci', layoutDirectory()],
    ['oci-archive', write(tar(members(layoutFiles())))],
  ] as const) {
    await using source = await open(kind, path);
    const [layer] = (await source.resolve(amd64)).manifest.layers;
    const place = layer && source.locateBlob?.(layer);
    assert.ok(place !== undefined && layer !== undefined);
    const bytes = readFileSync(place.path).subarray(place.offset, place.offset + place.size);
    assert.equal(digestOf(bytes), layer.digest);
  }
});
