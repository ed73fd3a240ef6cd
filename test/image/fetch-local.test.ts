import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { localName } from '../../image/fetch/local-image.ts';
import type { FetchOptions } from '../../image/fetch/options.ts';
import { fetchImage } from '../../image/fetch.ts';
import type { LocalReference } from '../../image/oci/open-source.ts';
import { imageRootfs } from '../../image/store/rootfs.ts';
import { rejectsWith } from '../registry/pulling.ts';
import { describe, document, type SampleImage, sampleImage } from '../registry/sample-image.ts';
import { type Member, tar } from '../registry/tar.ts';
import { zip } from '../registry/zip.ts';
import { type FetchPlace, fetchPlace } from './fetch-place.ts';

const image = sampleImage();

/** The files of an image layout with one image. */
function layoutFiles({ blobs, ...manifest }: SampleImage): ReadonlyMap<string, Buffer> {
  const annotations = { 'org.opencontainers.image.ref.name': 'example.com/app:v1' };
  const index = document('application/vnd.oci.image.index.v1+json', {
    schemaVersion: 2,
    manifests: [{ ...describe(manifest), annotations }],
  });
  return new Map([
    ['oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')],
    ['index.json', index.bytes],
    ...[...blobs, [manifest.digest, manifest.bytes] as const].map(
      ([digest, bytes]) => [`blobs/${digest.replace(':', '/')}`, bytes] as const,
    ),
  ]);
}

function writeArchive({ path }: FetchPlace, file = 'app.tar'): string {
  const members = [...layoutFiles(image)].map(([name, content]): Member => ({ name, content }));
  writeFileSync(join(path, file), tar(members));
  return join(path, file);
}

const fetch = (place: FetchPlace, reference: string, changes: Partial<FetchOptions> = {}) =>
  fetchImage(place.store, { reference }, place.options(changes));

test('an archive is accepted by the signature beside it, for the name it has', async () => {
  using place = await fetchPlace();
  const file = writeArchive(place);
  await rejectsWith(fetch(place, `oci-archive:${file}`), 'ERR_NOT_SIGNED');
  place.sign(file);
  await rejectsWith(fetch(place, `oci-archive:${file}`), 'ERR_KEY_UNKNOWN');
  const { decision, record } = await fetch(place, `oci-archive:${file}:example.com/app:v1`);
  assert.deepEqual([decision.mode, record.name], ['verified', 'example.com/app']);
  const again = await fetch(place, 'example.com/app:v1', { pullPolicy: 'never' });
  assert.equal(again.decision.mode, 'verified');
});

test('an archive that was changed since it was signed is refused', async () => {
  using place = await fetchPlace();
  const file = writeArchive(place);
  place.sign(file);
  appendFileSync(file, Buffer.alloc(512));
  await rejectsWith(fetch(place, `oci-archive:${file}:example.com/app:v1`), 'ERR_SIGNATURE_MISMATCH');
});

test('a layout is one image as a directory, a tar and a zip', async () => {
  using place = await fetchPlace();
  const files = layoutFiles(image);
  for (const [name, content] of files) {
    mkdirSync(join(place.path, 'layout', name, '..'), { recursive: true });
    writeFileSync(join(place.path, 'layout', name), content);
  }
  writeFileSync(join(place.path, 'app.zip'), zip([...files].map(([name, content]) => ({ name, content }))));
  const references = [
    `oci:${place.path}/layout`,
    `oci-archive:${writeArchive(place)}`,
    `oci-archive:${place.path}/app.zip`,
  ];
  for (const reference of references) {
    const { id } = await fetch(place, reference, { insecureImage: true });
    assert.equal(id, image.digest.replace(':', '-'));
    const [root = ''] = (await imageRootfs(place.store, id)).lowers;
    assert.equal(readFileSync(join(root, 'hello'), 'utf8'), 'hello\n');
  }
});

test('a bare root file system in a tar has no configuration, and is an image all the same', async () => {
  using place = await fetchPlace();
  writeFileSync(join(place.path, 'export.tar'), tar([{ name: 'bin/hello', content: 'hello' }]));
  const { manifest } = await fetch(place, `docker-export:${place.path}/export.tar`, { insecureImage: true });
  assert.deepEqual([manifest.name, manifest.app?.exec], ['export', []]);
});

const names: readonly (readonly [LocalReference, string, string?])[] = [
  [{ kind: 'oci', path: '/x/images' }, 'images'],
  [{ kind: 'oci', path: 'images', tag: 'v1' }, 'images', 'v1'],
  [
    { kind: 'oci-archive', path: 'App.tar.gz', tag: 'registry.example:5000/team/app:v2' },
    'registry.example_5000/team/app',
    'v2',
  ],
  [{ kind: 'docker-archive', path: 'x.tar', image: 'app:v1' }, 'app', 'v1'],
  [{ kind: 'docker-archive', path: 'My App.tar' }, 'my_app'],
  [{ kind: 'rootfs', path: './rootfs/' }, 'rootfs'],
];

for (const [reference, name, tag] of names)
  test(`localName() of ${JSON.stringify(reference)} is ${name}`, () => {
    assert.deepEqual(localName(reference), tag === undefined ? { name } : { name, tag });
  });
