import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeAci } from '../../image/write-aci.ts';
import { dist, runProgram, temporaryDirectory } from './executable.ts';
import { makeBox, NO_PODS } from './pod-image.ts';
import { everybody } from './running-pod.ts';
import { labels, type TrustPlace, trustPlace } from './trust-place.ts';
import { publish, trustSite } from './trust-site.ts';

const skip = NO_PODS;
const PREFIX = 'coreos.com/rkt/stage1/';
const NAME = 'example.com/stage1';

/** An image of the stage1 that was built. */
async function stage1Image(
  place: { readonly path: string },
  annotations: Readonly<Record<string, string>> = {},
): Promise<string> {
  const rootfs = join(place.path, 'stage1-rootfs');
  mkdirSync(rootfs, { recursive: true });
  for (const name of readdirSync(dist).filter((each) => each === 'stage1' || each.endsWith('.node')))
    copyFileSync(join(dist, name), join(rootfs, name));
  const all = { 'interface-version': '7', run: '/stage1', ...annotations };
  const manifest = {
    acKind: 'ImageManifest',
    acVersion: '0.8.11',
    name: NAME,
    labels: labels('1.0.0'),
    annotations: Object.entries(all).map(([name, value]) => ({ name: PREFIX + name, value })),
  };
  const out = join(place.path, 'stage1.aci');
  await writeAci({ manifest: Buffer.from(JSON.stringify(manifest)), rootfs, out, compression: 'none' });
  return out;
}

async function signedBox(place: TrustPlace): Promise<string> {
  const box = join(place.path, 'box.aci');
  await makeBox(join(place.path, 'box'), box);
  place.sign(box);
  await place.trust('example.com');
  return box;
}

/** `stage1.d` of the administrator. */
function configure(place: TrustPlace, config: object): string {
  const directory = join(place.path, 'etc/stage1.d');
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'stage1.json');
  writeFileSync(file, JSON.stringify({ rktKind: 'stage1', rktVersion: 'v1', ...config }));
  return file;
}

test('a pod is run by a signed stage1 image, whose files image gc keeps as long as there is the pod', {
  skip,
}, async () => {
  using place = await trustPlace();
  const box = await signedBox(place);
  const stage1 = await stage1Image(place);
  place.sign(stage1);
  const prepared = await place.tsrkt([
    'prepare',
    '--quiet',
    `--stage1-path=${stage1}`,
    box,
    '--',
    'echo hello',
  ]);
  assert.equal(prepared.status, 0, prepared.stderr);
  const uuid = prepared.stdout.trim();
  assert.equal((await place.tsrkt(['image', 'gc', '--grace-period=0s'])).status, 0);
  const ran = await place.tsrkt(['run-prepared', '--net=none', uuid]);
  assert.deepEqual([ran.status, ran.stdout], [0, 'hello\n'], ran.stderr);
  const executable = readFileSync(join(place.path, 'data/pods/run', uuid, 'stage1'), 'utf8').trim();
  assert.match(executable, /\/data\/cas\/tree\/deps-sha512-[0-9a-f]{64}\/rootfs\/stage1$/);
  await place.tsrkt(['image', 'gc', '--grace-period=0s']);
  assert.equal(existsSync(executable), true);
  assert.equal((await place.tsrkt(['rm', uuid])).status, 0);
  await place.tsrkt(['image', 'gc', '--grace-period=0s']);
  assert.equal(existsSync(executable), false);
});

test('a stage1 image is found by discovery, by URL, in the directory of such images, and by its ID', {
  skip,
}, async () => {
  using place = await trustPlace();
  await using site = await trustSite();
  const box = await signedBox(place);
  const stage1 = await stage1Image(place);
  place.sign(stage1);
  publish(site.pages, 'stage1', stage1, '1.0.0');
  site.pages['/other.aci'] = readFileSync(stage1);
  site.pages['/other.aci.asc'] = readFileSync(`${stage1}.asc`);
  mkdirSync(join(place.path, 'etc/paths.d'), { recursive: true });
  const paths = { rktKind: 'paths', rktVersion: 'v1', 'stage1-images': place.path };
  writeFileSync(join(place.path, 'etc/paths.d/paths.json'), JSON.stringify(paths));
  const { stdout: id } = await place.tsrkt(['fetch', stage1]);
  assert.equal((await place.tsrkt(['image', 'rm', id.trim()])).status, 0);
  for (const flag of [
    `--stage1-name=${NAME}:1.0.0`,
    '--stage1-url=https://example.com/other.aci',
    '--stage1-from-dir=stage1.aci',
    `--stage1-hash=${id.trim()}`,
  ]) {
    const ran = await place.tsrkt(['run', '--net=none', flag, box, '--', 'echo hello'], site.env);
    assert.deepEqual([ran.status, ran.stdout], [0, 'hello\n'], `${flag}: ${ran.stderr}`);
    const [uuid = ''] = readdirSync(join(place.path, 'data/pods/run'));
    assert.match(readFileSync(join(place.path, 'data/pods/run', uuid, 'stage1'), 'utf8'), /\/cas\/tree\//);
    const removed = await place.tsrkt(['rm', uuid]);
    assert.deepEqual([removed.status, removed.stderr], [0, '']);
  }
  const asked = site.seen.map(({ url }) => url).filter((url) => url.endsWith('.aci'));
  assert.deepEqual(asked, [`/images/${NAME}-1.0.0.aci`, '/other.aci']);
});

for (const { who, skip: reason, place: placeOf } of everybody)
  test(`${who}: a stage1 image runs a pod, and tears it down`, { skip: reason }, async () => {
    using place = await placeOf();
    const stage1 = await stage1Image(place);
    const flags = ['run', '--net=none', `--stage1-path=${stage1}`, place.image, '--', 'echo hello'];
    const ran = place.tsrkt(flags);
    assert.deepEqual([ran.status, ran.stdout], [0, 'hello\n'], ran.stderr);
    const [uuid = ''] = readdirSync(join(place.data, 'pods/run'));
    assert.match(readFileSync(join(place.data, 'pods/run', uuid, 'stage1'), 'utf8'), /\/cas\/tree\//);
    const removed = place.tsrkt(['rm', uuid]);
    assert.deepEqual([removed.status, removed.stderr], [0, '']);
  });

test('the stage1 that came with tsrkt tears down what it ran, wherever the two are installed', {
  skip,
}, async () => {
  using directory = temporaryDirectory();
  const programs = join(directory.path, 'programs');
  mkdirSync(programs);
  for (const entry of readdirSync(dist, { withFileTypes: true }))
    if (entry.isFile()) copyFileSync(join(dist, entry.name), join(programs, entry.name));
  chownSync(programs, 0, 64321);
  chmodSync(programs, 0o775);
  const box = join(directory.path, 'box.aci');
  await makeBox(join(directory.path, 'box'), box);
  const global = [`--dir=${join(directory.path, 'data')}`, '--insecure-options=image'];
  const tsrkt = (...args: readonly string[]) => runProgram(join(programs, 'tsrkt'), [...global, ...args]);
  const ran = tsrkt('run', '--net=none', box, '--', 'echo hello');
  assert.deepEqual([ran.status, ran.stdout], [0, 'hello\n'], ran.stderr);
  const [uuid = ''] = readdirSync(join(directory.path, 'data/pods/run'));
  assert.deepEqual([tsrkt('rm', uuid).stderr, tsrkt('list', '--no-legend').stdout], ['', '']);
});

test('a revoked key names the pods whose stage1 it vouched for, and such a pod runs no more', {
  skip,
}, async () => {
  using place = await trustPlace();
  const box = await signedBox(place);
  const builder = place.gpg.key('Builder <builder@example.com>');
  await place.trust(NAME, builder);
  const stage1 = await stage1Image(place);
  place.sign(stage1, builder);
  const prepared = await place.tsrkt(['prepare', '--quiet', `--stage1-path=${stage1}`, box]);
  assert.equal(prepared.status, 0, prepared.stderr);
  const uuid = prepared.stdout.trim();
  const { stdout } = await place.tsrkt(['trust', 'revoke', builder]);
  assert.match(stdout, new RegExp(`^pod ${uuid} is prepared with its stage1$`, 'm'));
  const ran = await place.tsrkt(['run-prepared', '--net=none', uuid]);
  assert.equal(ran.status, 254);
  assert.match(ran.stderr, /^run-prepared: .*revoked/);
});

test('stage1.d is obeyed: by name from the store, else by location', { skip }, async () => {
  using place = await trustPlace();
  const box = await signedBox(place);
  const run = () => place.tsrkt(['run', '--net=none', box, '--', 'echo hello']);
  configure(place, { name: NAME, version: '1.0.0' });
  const missing = await run();
  assert.equal(missing.status, 254);
  assert.match(missing.stderr, /^run: stage1\.d: image "example\.com\/stage1:1\.0\.0" is not in the store/);
  const stage1 = await stage1Image(place);
  place.sign(stage1);
  configure(place, { name: NAME, version: '1.0.0', location: stage1 });
  for (const times of ['first', 'again']) {
    const ran = await run();
    assert.deepEqual([ran.status, ran.stdout], [0, 'hello\n'], `${times}: ${ran.stderr}`);
  }
});

test('a stage1.d file that is not of root does not choose what root runs', { skip }, async () => {
  using place = await trustPlace();
  const box = await signedBox(place);
  const file = configure(place, { location: '/bin/true' });
  chownSync(file, 64321, 64321);
  const { status, stderr } = await place.tsrkt(['run', '--net=none', box]);
  assert.equal(status, 254);
  assert.match(stderr, /^run: read .*stage1\.json: .* belongs to user 64321\nhint: /);
});

test('an executable that others may replace is refused as stage1', { skip }, async () => {
  using place = await trustPlace();
  const box = await signedBox(place);
  const open = join(place.path, 'open');
  mkdirSync(open);
  writeFileSync(join(open, 'stage1'), '#!/bin/sh\n', { mode: 0o755 });
  chmodSync(open, 0o777);
  const { status, stderr } = await place.tsrkt(['run', '--net=none', `--stage1-path=${open}/stage1`, box]);
  assert.equal(status, 254);
  assert.match(stderr, /^run: stage1 ".*": everybody may write to .*open\nhint: /);
  assert.equal(existsSync(join(place.path, 'data/pods')), false);
});

const refused: readonly [string, Readonly<Record<string, string>>, boolean, RegExp][] = [
  ['nobody signed', {}, false, /^run: trust .*stage1\.aci: it has no signature\n/],
  [
    'speaks another version',
    { 'interface-version': '6' },
    true,
    /^run: stage1 image .* speaks version "6" .*\n/,
  ],
  ['names a file outside', { run: '../../bin/sh' }, true, /^run: stage1 image .* expected an absolute path/],
  ['names a link', { run: '/link' }, true, /^run: stage1 image .* \/link is a symbolic link/],
];

for (const [what, annotations, isSigned, message] of refused)
  test(`a stage1 image that ${what} is refused, and no pod is made`, { skip }, async () => {
    using place = await trustPlace();
    const box = await signedBox(place);
    mkdirSync(join(place.path, 'stage1-rootfs'));
    spawnSync('ln', ['-s', '/bin/sh', join(place.path, 'stage1-rootfs/link')]);
    const stage1 = await stage1Image(place, annotations);
    if (isSigned) place.sign(stage1);
    const { status, stderr } = await place.tsrkt(['run', '--net=none', `--stage1-path=${stage1}`, box]);
    assert.equal(status, 254);
    assert.match(stderr, message);
    assert.equal(
      existsSync(join(place.path, 'data/pods/prepare')) &&
        readdirSync(join(place.path, 'data/pods/prepare')).length > 0,
      false,
    );
  });
