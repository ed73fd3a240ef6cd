import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { REF_NAME } from '../../schema/oci/layout.ts';
import { OCI_INDEX } from '../../schema/oci/media-type.ts';
import { startDockerRegistry } from '../registry/docker-registry.ts';
import { certificate } from '../registry/pulling.ts';
import { describe, document, sampleImage, sampleIndex } from '../registry/sample-image.ts';
import { type CopyPlace, copyPlace } from './copy-place.ts';
import { home, loneUser, userWithRanges } from './ordinary-user.ts';

const missing = ['skopeo', 'docker-registry'].filter((tool) => spawnSync('which', [tool]).status !== 0);
const skip = missing.length > 0 ? `not installed: ${missing.join(', ')}` : false;

const one = sampleImage([[{ name: 'a', content: 'a'.repeat(9000) }]]);
const two = sampleImage([[{ name: 'b' }], [{ name: 'c' }]]);
const index = sampleIndex({ 'linux/amd64': one, 'linux/arm64': two });

/** Puts the index and its images into the test's registry; gives its reference. */
function publish({ registry }: CopyPlace): string {
  registry.add('app', one.digest, one);
  registry.add('app', two.digest, two);
  registry.addDocument('app', 'v1', index);
  return `docker://${registry.host}/app:v1`;
}

const sorted = (digests: Iterable<string>) => [...digests].sort();

test('image copy --all copies the images for all platforms and their index, byte for byte', async () => {
  await using place = await copyPlace();
  const app = publish(place);
  assert.equal(await place.copy('--all', app, `oci-archive:app.tar:v1`), index.digest);
  assert.equal(await place.copy('--all', 'oci-archive:app.tar:v1', 'oci:layout:v1'), index.digest);
  assert.equal(
    await place.copy('--all', 'oci:layout:v1', `docker://${place.registry.host}/again:v2`),
    index.digest,
  );
  const { manifests, seen } = place.registry;
  assert.deepEqual(manifests.get('again v2')?.bytes, index.bytes);
  for (const each of [one, two]) assert.deepEqual(manifests.get(`again ${each.digest}`)?.bytes, each.bytes);
  const puts = seen.filter(({ method, url }) => method === 'PUT' && url.includes('/again/manifests/'));
  assert.deepEqual(
    puts.map(({ url }) => url.replace('/v2/again/manifests/', '')),
    [one.digest, two.digest, index.digest, 'v2'],
  );
});

test('image copy without --all copies the image for this machine alone', async () => {
  await using place = await copyPlace();
  const digest = await place.copy(publish(place), 'oci:layout:v1');
  assert.equal(digest, one.digest);
  assert.ok(!existsSync(join(place.path, 'layout/blobs', two.digest.replace(':', '/'))));
});

test('image copy --all gives skopeo what skopeo copy --all gives, in registries and layouts', {
  skip,
}, async () => {
  await using place = await copyPlace();
  await using registry = await startDockerRegistry(certificate);
  const app = publish(place);
  await place.skopeo('copy', '--all', '-q', app, `docker://${registry.host}/skopeo:v1`);
  await place.copy('--all', app, `docker://${registry.host}/ours:v1`);
  const raw = (reference: string) => place.skopeo('inspect', '--raw', reference);
  const [theirs, ours] = await Promise.all(
    ['skopeo', 'ours'].map((each) => raw(`docker://${registry.host}/${each}:v1`)),
  );
  assert.equal(ours, theirs);
  assert.equal(ours, index.bytes.toString());
  await place.copy('--all', `docker://${registry.host}/ours:v1`, `docker://${registry.host}/mounted:v1`);
  await place.skopeo('copy', '--all', '-q', `docker://${registry.host}/mounted:v1`, 'oci:mounted:v1');
  assert.equal(await raw('oci:mounted:v1'), index.bytes.toString());
  await place.copy('--all', `docker://${registry.host}/skopeo:v1`, 'oci:layout:v1');
  assert.equal(await raw('oci:layout:v1'), index.bytes.toString());
  await place.skopeo('copy', '--all', '-q', 'oci:layout:v1', `docker://${registry.host}/back:v1`);
  assert.equal(await raw(`docker://${registry.host}/back:v1`), index.bytes.toString());
  await place.skopeo('copy', '--all', '-q', app, 'oci:theirs:v1');
  assert.equal(await place.copy('--all', 'oci:theirs:v1', 'oci-archive:back.tar'), index.digest);
});

test('image copy refuses a destination that asks for another digest, and sends nothing', async () => {
  await using place = await copyPlace();
  const app = publish(place);
  const to = `docker://${place.registry.host}/again@${one.digest}`;
  const refused = await place.tsrkt('image', 'copy', '--all', app, to);
  assert.equal(refused.status, 254);
  assert.match(refused.stderr, /^copy: copy to ".*": the image's digest is sha256:\w+\n$/);
  assert.ok(place.registry.seen.every(({ method }) => method === 'GET'));
  assert.equal(await place.copy(app, to), one.digest);
});

test('image copy --all of an index that names what its registry has not leaves no name behind', async () => {
  await using place = await copyPlace();
  const app = publish(place);
  const wrong = document(OCI_INDEX, {
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: [describe(one), { ...describe(two), digest: `sha256:${'1'.repeat(64)}` }],
  });
  place.registry.addDocument('app', 'v1', wrong);
  const refused = await place.tsrkt('image', 'copy', '--all', app, 'oci:layout:v1');
  assert.equal(refused.status, 254);
  assert.match(refused.stderr, /^copy: fetch \S+@sha256:1+: no such image\n$/);
  assert.ok(!existsSync(join(place.path, 'layout')));
});

test('image copy --all adds to a layout, and replaces what had the name', async () => {
  await using place = await copyPlace();
  const app = publish(place);
  await place.copy(app, 'oci:layout:v1');
  await place.copy(app, 'oci:layout:v2');
  await place.copy('--all', app, 'oci:layout:v1');
  const { manifests } = JSON.parse(readFileSync(join(place.path, 'layout/index.json'), 'utf8'));
  assert.deepEqual(
    sorted(manifests.map(({ digest }: { digest: string }) => digest)),
    sorted([one.digest, index.digest]),
  );
});

test('many processes copy into one layout at the same time, and every name is there', async () => {
  await using place = await copyPlace();
  const app = publish(place);
  const tags = Array.from({ length: 8 }, (_, index) => `v${index}`);
  await Promise.all(tags.map((tag) => place.copy(app, `oci:layout:${tag}`)));
  const { manifests } = JSON.parse(readFileSync(join(place.path, 'layout/index.json'), 'utf8'));
  const names = manifests.map(
    ({ annotations }: { annotations: Record<string, string> }) => annotations[REF_NAME],
  );
  assert.deepEqual(sorted(names), tags);
});

const ordinaryUsers = [
  { who: 'a user with ranges of ids', user: userWithRanges() },
  { who: 'a user nobody has heard of', user: loneUser },
];

for (const { who, user } of ordinaryUsers)
  test(`image push and copy work for ${who}`, async () => {
    assert.ok(user, 'there is no such user: scripts/test-user.mjs makes it');
    using mine = await home(user);
    const id = mine.tsrkt(['fetch', '--full', mine.image]).stdout.trim();
    const pushed = mine.tsrkt(['image', 'push', id, 'oci:layout:v1']);
    assert.equal(pushed.status, 0, pushed.stderr);
    const copied = mine.tsrkt(['image', 'copy', '--all', 'oci:layout:v1', 'oci-archive:layout.tar:v1']);
    assert.deepEqual([copied.status, copied.stderr, copied.stdout], [0, '', pushed.stdout]);
    const fetched = mine.tsrkt(['fetch', 'oci-archive:layout.tar:v1']);
    assert.equal(fetched.status, 0, fetched.stderr);
  });
