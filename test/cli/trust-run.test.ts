import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NO_PODS } from './pod-image.ts';
import { labels, type TrustPlace, trustPlace, tsrktProgram } from './trust-place.ts';

const skip = NO_PODS;
const RUN = ['run', '--net=none'];
const say = ['--', 'echo hello'];

async function signedBox(place: TrustPlace, version = '1.0.0'): Promise<string> {
  const image = await place.image(`box-${version}.aci`, { labels: labels(version) });
  place.sign(image);
  await place.trust('example.com/box');
  return image;
}

test('a signed image runs with no insecure flag, and nothing is said about it', { skip }, async () => {
  using place = await trustPlace();
  const image = await signedBox(place);
  assert.deepEqual(await place.tsrkt([...RUN, image, ...say]), { status: 0, stdout: 'hello\n', stderr: '' });
  assert.match((await place.tsrkt(['list', '--full', '--no-legend'])).stdout, / verified {2}exited /);
  assert.deepEqual(await place.tsrkt([...RUN, 'example.com/box', ...say]), {
    status: 0,
    stdout: 'hello\n',
    stderr: '',
  });
});

test('an image of the store runs only while its key is trusted', { skip }, async () => {
  using place = await trustPlace();
  await place.tsrkt(['fetch', await signedBox(place)]);
  await place.tsrkt(['trust', 'rm', place.publisher]);
  assert.deepEqual(await place.tsrkt([...RUN, 'example.com/box', ...say]), {
    status: 254,
    stdout: '',
    stderr:
      `run: trust example.com/box: signature by key ${place.publisher}: no such key is trusted\n` +
      'hint: if you trust its publisher: tsrkt trust --prefix example.com/box\n',
  });
});

test('trust revoke lists images and pods, and neither run nor run-prepared takes them', {
  skip,
}, async () => {
  using place = await trustPlace();
  const image = await signedBox(place);
  const uuid = (await place.tsrkt(['prepare', image, ...say])).stdout.trim();
  const running = spawnPod(place, image);
  await running.ready;
  const { stdout } = await place.tsrkt(['trust', 'revoke', place.publisher]);
  const revoked = `signature by key ${place.publisher}: the key is revoked here`;
  assert.match(
    stdout,
    new RegExp(`^image sha512-[0-9a-f]{12} \\(example.com/box\\) runs no more: ${revoked}$`, 'm'),
  );
  assert.match(stdout, new RegExp(`^pod ${uuid} is prepared with box$`, 'm'));
  assert.match(stdout, new RegExp(`^pod ${running.uuid()} is running with box$`, 'm'));
  for (const command of [
    ['run-prepared', uuid],
    [...RUN, image],
    [...RUN, 'example.com/box'],
  ])
    assert.match((await place.tsrkt(command)).stderr, new RegExp(`^[a-z-]+: trust .*: ${revoked}\n$`));
  running.stop();
  await running.ended;
  const insecure = await place.tsrkt(['--insecure-options=image', 'run-prepared', '--net=none', uuid]);
  assert.equal(insecure.stdout, 'hello\n');
  assert.match(
    insecure.stderr,
    new RegExp(`^run-prepared: warning: .*let through unverified.*${revoked}\n$`),
  );
  assert.match((await place.tsrkt(['status', uuid])).stdout, /^unverified=box$/m);
});

test('--insecure-options=image warns once per image, and the pod remembers', { skip }, async () => {
  using place = await trustPlace();
  const image = await place.image('box.aci');
  const { stdout, stderr } = await place.tsrkt([
    '--insecure-options=image',
    'prepare',
    image,
    '--name=a',
    '--',
    'x',
    '---',
    image,
    '--name=b',
    '--',
    'echo b',
  ]);
  const warning = `warning: image "${image}" is let through unverified: --insecure-options=image, and no signature was asked for\n`;
  assert.equal(stderr, `prepare: ${warning}`.repeat(2));
  const uuid = stdout.trim();
  assert.match((await place.tsrkt(['status', uuid])).stdout, /^unverified=a,b$/m);
  const manifest = JSON.parse((await place.tsrkt(['cat-manifest', uuid])).stdout);
  assert.deepEqual(manifest.apps[0].annotations, [
    { name: 'tsrkt.dev/unverified', value: '--insecure-options=image, and no signature was asked for' },
  ]);
  assert.match(
    (await place.tsrkt(['list', '--full', '--no-legend'])).stdout,
    /^\S+ +a .* unverified +prepared .*\n +b .* unverified\n$/,
  );
  const [pod] = JSON.parse((await place.tsrkt(['list', '--format=json'])).stdout);
  assert.match(pod.apps[1].unverified, /no signature was asked for/);
});

test('an unsigned image of the store is refused by name, by ID and by file', { skip }, async () => {
  using place = await trustPlace();
  const image = await place.image('box.aci');
  const id = (await place.tsrkt(['--insecure-options=image', 'fetch', image])).stdout.trim();
  for (const reference of ['example.com/box', id, image])
    assert.deepEqual(await place.tsrkt([...RUN, reference, ...say]), {
      status: 254,
      stdout: '',
      stderr: `run: trust ${reference}: it has no signature\nhint: ask its publisher for a signature, or allow it: --insecure-options=image\n`,
    });
});

test('a version older than the newest that ran is refused, unless --allow-downgrade (downgrade)', {
  skip,
}, async () => {
  using place = await trustPlace();
  const [old, recent] = [await signedBox(place, '1.9.0'), await signedBox(place, '1.10.0')];
  assert.equal((await place.tsrkt([...RUN, old, ...say])).status, 0);
  assert.equal((await place.tsrkt([...RUN, recent, ...say])).status, 0);
  const refused = {
    status: 254,
    stdout: '',
    stderr:
      'run: run example.com/box: version 1.9.0 is older than 1.10.0, which ran here\nhint: if you mean to go back: --allow-downgrade\n',
  };
  assert.deepEqual(await place.tsrkt([...RUN, old, ...say]), refused);
  assert.deepEqual(await place.tsrkt([...RUN, 'example.com/box:1.9.0', ...say]), refused);
  const back = await place.tsrkt([...RUN, '--allow-downgrade', old, ...say]);
  assert.deepEqual(back, { status: 0, stdout: 'hello\n', stderr: '' });
  assert.deepEqual(await place.tsrkt([...RUN, old, ...say]), refused);
});

test('a pod prepared before a newer version ran is refused by run-prepared, too (downgrade)', {
  skip,
}, async () => {
  using place = await trustPlace();
  const [old, recent] = [await signedBox(place, '1.0.0'), await signedBox(place, '2.0.0')];
  const uuid = (await place.tsrkt(['prepare', old, ...say])).stdout.trim();
  await place.tsrkt([...RUN, recent, ...say]);
  const refused = await place.tsrkt(['run-prepared', uuid]);
  assert.match(refused.stderr, /^run-prepared: run example\.com\/box: version 1\.0\.0 is older than 2\.0\.0/);
  const allowed = await place.tsrkt(['run-prepared', '--net=none', '--allow-downgrade', uuid]);
  assert.equal(allowed.stdout, 'hello\n');
});

test("today's policy counts, not that of the day of the fetch", { skip }, async () => {
  using place = await trustPlace();
  await place.tsrkt(['fetch', await signedBox(place)]);
  place.policy({ prefixes: { 'example.com/box': { reject: true } } });
  const rejected = await place.tsrkt([...RUN, 'example.com/box', ...say]);
  assert.match(
    rejected.stderr,
    /^run: trust example\.com\/box: policy .*10\.json for "example\.com\/box" rejects it\n$/,
  );
  place.policy({ default: { acceptAnything: true } });
  const broken = await place.tsrkt([...RUN, 'example.com/box', ...say]);
  assert.match(broken.stderr, /^run: read policy .*10\.json: default\.acceptAnything: unknown field\nhint: /);
  place.policy({ prefixes: { 'example.com': { insecureAcceptAnything: true } } });
  const unsigned = await place.image('other.aci', { name: 'example.com/other' });
  const chosenByItself = await place.tsrkt([...RUN, unsigned, ...say]);
  assert.match(chosenByItself.stderr, /^run: .*it has no signature\n/);
  place.policy({ default: { insecureAcceptAnything: true } });
  assert.deepEqual(await place.tsrkt([...RUN, unsigned, ...say]), {
    status: 0,
    stdout: 'hello\n',
    stderr: '',
  });
  assert.match((await place.tsrkt(['list', '--full', '--no-legend'])).stdout, /other .* unverified/);
});

/** A pod that runs until it is stopped. */
function spawnPod({ path, global }: TrustPlace, image: string) {
  const file = join(path, 'uuid');
  const args = [...global, ...RUN, `--uuid-file-save=${file}`, image, '--', 'echo ready; exec sleep 100'];
  const child = spawn(tsrktProgram, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return {
    ready: once(child.stdout, 'data'),
    ended: once(child, 'exit'),
    uuid: () => readFileSync(file, 'utf8').trim(),
    stop: () => child.kill('SIGTERM'),
  };
}
