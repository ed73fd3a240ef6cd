import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dist, runProgram } from './executable.ts';
import { makeBox, NO_PODS, podFixture } from './pod-image.ts';

const tsrkt = join(dist, 'tsrkt');

test('tsrkt without a command says so, shows help and exits with 2', () => {
  const { status, stdout, stderr } = runProgram(tsrkt, []);
  assert.equal(status, 2);
  assert.equal(stderr, 'tsrkt: missing command\n');
  assert.match(stdout, /tsrkt run-prepared +run a pod that was prepared/);
});

test('tsrkt COMMAND --help shows usage, flags and an example', () => {
  const { status, stdout } = runProgram(tsrkt, ['run', '--help']);
  assert.equal(status, 0);
  assert.match(stdout, /^tsrkt run \[FLAGS\] IMAGE/);
  assert.match(stdout, /--net\[=NETWORK,…\]/);
  assert.match(stdout, /Examples:\n {2}tsrkt run /);
});

const commandLines: readonly [string, string][] = [
  ['nonsense', 'tsrkt: unknown command "nonsense"\nhint: tsrkt help lists the commands\n'],
  [
    'run',
    'run: must provide at least one image or specify the pod manifest\nhint: tsrkt run --help shows how to call it\n',
  ],
  ['run --frob x', 'run: unknown flag: --frob\nhint: tsrkt run --help shows how to call it\n'],
  [
    'run x --stage1-url=y',
    'run: --stage1-url: expected a URL, got "y"\nhint: one of --stage1-url, -path, -name, -hash and -from-dir chooses the stage1\n',
  ],
  ['run --exec=/x x', 'run: --exec must follow an image\nhint: tsrkt run --help shows how to call it\n'],
  ['fetch x -- y', 'fetch: app arguments unsupported\nhint: tsrkt fetch --help shows how to call it\n'],
  ['list x', 'list: unexpected argument "x"\nhint: tsrkt list --help shows how to call it\n'],
  ['status --wait=5s x', 'status: no matches found for "x"\n'],
];

for (const [line, message] of commandLines)
  test(`tsrkt ${line} exits with 254 and one sentence`, () => {
    const { status, stdout, stderr } = runProgram(tsrkt, ['--dir=/proc/nonexistent', ...line.split(' ')]);
    assert.deepEqual({ status, stdout, stderr }, { status: 254, stdout: '', stderr: message });
  });

test('an image nobody signed is refused, and nothing is left', { skip: NO_PODS }, async () => {
  using pod = await podFixture();
  const { status, stderr } = runProgram(tsrkt, [`--dir=${pod.data}`, 'run', pod.image]);
  assert.equal(status, 254);
  assert.match(stderr, /^run: trust .*box\.aci: it has no signature\nhint: .*--insecure-options=image\n$/);
  assert.equal(existsSync(join(pod.data, 'pods')), false);
});

const references: readonly [string, RegExp][] = [
  ['/nowhere.aci', /^run: import "\/nowhere\.aci": access: ENOENT \(No such file or directory\)\n$/],
  ['/proc', /^run: import "\/proc": not a regular file\n$/],
  ['docker://localhost:1/x', /^run: fetch https:\/\/localhost:1\/v2\/.*ECONNREFUSED.*\n$/],
  ['https://localhost:1/x.aci', /^run: fetch https:\/\/localhost:1\/x\.aci: .*ECONNREFUSED.*\n$/],
  ['localhost/none', /^run: discover endpoints of "localhost\/none": found no endpoints\nhint: tried .*\n$/],
  ['sha512-00', /^run: image sha512-00: not in the store\n$/],
];

for (const [reference, message] of references)
  test(`tsrkt run ${reference} exits with 254 and says why`, { skip: NO_PODS }, async () => {
    using pod = await podFixture();
    const { status, stderr } = pod.tsrkt(['run', reference]);
    assert.match(stderr, message);
    assert.equal(status, 254);
  });

test('a truncated image is refused, and nothing of it is kept', { skip: NO_PODS }, async () => {
  using pod = await podFixture();
  const half = join(pod.path, 'half.aci');
  writeFileSync(half, readFileSync(pod.image).subarray(0, 100_000));
  const { status, stderr } = pod.tsrkt(['run', half]);
  assert.equal(status, 254);
  assert.match(stderr, /^run: import ".*half\.aci": .+\n$/);
  assert.deepEqual(readdirSync(join(pod.data, 'cas/tmp')), []);
  assert.deepEqual(readdirSync(join(pod.data, 'cas/image')), []);
});

const images: readonly [string, object, RegExp][] = [
  [
    'for another architecture',
    {
      labels: [
        { name: 'os', value: 'linux' },
        { name: 'arch', value: 's390x' },
      ],
    },
    /^run: image "example\.com\/box" is for linux\/s390x: this machine runs linux\/\w+\n$/,
  ],
  ['without labels', { labels: [] }, /^run: image .*: missing os label in the image manifest\n$/],
  ['without an app', { app: undefined }, /^run: image .* has no app section\nhint: try --exec=BINARY .*\n$/],
  [
    'with an unknown user',
    { app: { exec: ['/bin/true'], user: 'user2', group: '0' } },
    /^run: app "box": "user2" user not found\n$/,
  ],
];

for (const [what, changes, message] of images)
  test(`an image ${what} is refused, and leaves no pod`, { skip: NO_PODS }, async () => {
    using pod = await podFixture();
    const image = join(pod.path, 'other.aci');
    await makeBox(join(pod.path, 'other'), image, changes);
    const { status, stderr } = pod.tsrkt(['run', '--net=none', image]);
    assert.match(stderr, message);
    assert.equal(status, 254);
    assert.equal(pod.tsrkt(['list', '--no-legend']).stdout.trim(), '');
  });

test('a data directory that cannot be written says which file it is', { skip: NO_PODS }, async () => {
  using pod = await podFixture();
  const mountpoint = join(pod.path, 'readonly');
  mkdirSync(mountpoint);
  const script = `mount -t tmpfs -o ro none ${mountpoint} && exec ${tsrkt} --dir=${mountpoint}/data --insecure-options=image run ${pod.image}`;
  const { status, stderr } = runProgram('unshare', ['-m', 'sh', '-c', script]);
  assert.equal(status, 254);
  assert.equal(
    stderr,
    `run: open image store in "${mountpoint}/data": mkdir: EROFS (Read-only file system)\n`,
  );
});

test('a full disk is one sentence, and leaves nothing half made', { skip: NO_PODS }, async () => {
  using pod = await podFixture();
  const mountpoint = join(pod.path, 'small');
  mkdirSync(mountpoint);
  const run = `${tsrkt} --dir=${mountpoint} --insecure-options=image`;
  const script = `mount -t tmpfs -o size=1200k none ${mountpoint} || exit 99
    ${run} run --net=none ${pod.image}; echo "status $?"; ${run} list --no-legend; find ${mountpoint}/cas -type f | wc -l`;
  const { stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', script], { encoding: 'utf8' });
  assert.match(stderr, /^run: import ".*box\.aci": .*ENOSPC \(No space left on device\)\n$/);
  assert.equal(stdout.trim().replace(/\n+/g, ' '), 'status 254 0');
});

test('--debug shows the causes as a tree', { skip: NO_PODS }, async () => {
  using pod = await podFixture();
  const { stderr } = pod.tsrkt(['--debug', 'run', '/nowhere.aci']);
  assert.match(
    stderr,
    /^run: import "\/nowhere\.aci": .*\n└─ access "\/nowhere\.aci": ENOENT \(no such file or directory\)\n$/,
  );
});
