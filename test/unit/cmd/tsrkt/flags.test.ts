import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { FlagValues } from '../../../../cmd/flag.ts';
import { flagValues } from '../../../../cmd/flag-values.ts';
import { formatSize } from '../../../../cmd/size.ts';
import { appRequest } from '../../../../cmd/tsrkt/app-flags.ts';
import { formatDuration, parseDuration } from '../../../../cmd/tsrkt/duration.ts';
import { engineOptions } from '../../../../cmd/tsrkt/engine.ts';
import { GLOBAL_FLAGS, type Globals, resolveGlobals } from '../../../../cmd/tsrkt/globals.ts';
import { sortImages } from '../../../../cmd/tsrkt/image-list.ts';
import { PREPARE_FLAGS, pullPolicy } from '../../../../cmd/tsrkt/prepare-flags.ts';
import { RUN_FLAGS, runWish } from '../../../../cmd/tsrkt/run-flags.ts';
import { makeImageId } from '../../../../schema/image-id.ts';
import { runRequest } from '../../../../stage0/api/run-wish.ts';
import { dataDirectory } from '../../stage0/pods-on-disk.ts';

function given(flags: Record<string, string | string[]>) {
  return Object.entries(flags).flatMap(([name, values]) => [values].flat().map((value) => ({ name, value })));
}

const app = (flags: Record<string, string | string[]>) =>
  appRequest({ reference: 'x', flags: given(flags), args: undefined });

test('appRequest() without flags asks for nothing', () => {
  const request = app({});
  assert.deepEqual(
    [request.name, request.exec, request.args, request.user, request.isolators, request.environment],
    [undefined, undefined, [], undefined, [], []],
  );
});

test('appRequest() reads the flags of an app', () => {
  const request = app({
    name: 'web',
    'supplementary-gids': '1,2',
    'working-dir': '/srv',
    'readonly-rootfs': 'true',
    environment: ['A=1', 'B=2=3'],
    'user-label': 'a=b',
    'caps-retain': ['CAP_CHOWN,CAP_KILL', 'CAP_MKNOD'],
    'oom-score-adj': '-1000',
  });
  assert.deepEqual(request.supplementaryGids, [1, 2]);
  assert.equal(request.readOnlyRootFs, true);
  assert.deepEqual(request.environment[1], { name: 'B', value: '2=3' });
  assert.deepEqual(request.userLabels, { a: 'b' });
  assert.deepEqual(request.isolators, [
    {
      name: 'os/linux/capabilities-retain-set',
      value: { set: ['CAP_CHOWN', 'CAP_KILL', 'CAP_MKNOD'] },
    },
    { name: 'os/linux/oom-score-adj', value: -1000 },
  ]);
});

const badApps: readonly [Record<string, string>, RegExp][] = [
  [{ name: 'Web' }, /^--name: expected an AC name .*, got "Web"$/],
  [
    { 'supplementary-gids': '1,x' },
    /^--supplementary-gids: expected an integer from 0 to 4294967294, got "x"$/,
  ],
  [{ 'working-dir': 'srv' }, /^--working-dir: expected an absolute path, got "srv"$/],
  [{ environment: 'A' }, /^--environment: expected NAME=VALUE, got "A"$/],
  [{ annotation: 'A B=1' }, /^--annotation: expected .*, got "A B"$/],
  [{ 'user-label': '=1' }, /^--user-label: expected NAME=VALUE, got "=1"$/],
  [{ 'caps-retain': 'CHOWN' }, /^unknown capability "CHOWN"$/],
  [
    { 'caps-retain': 'CAP_KILL', 'cap-remove': 'CAP_KILL' },
    /^--caps-retain and --caps-remove cannot be used together$/,
  ],
  [{ 'oom-score-adj': '1001' }, /^--oom-score-adj: expected an integer from -1000 to 1000, got "1001"$/],
];

for (const [flags, message] of badApps)
  test(`appRequest() refuses ${JSON.stringify(flags)}`, () => {
    assert.throws(() => app(flags), { message });
  });

const globals = (flags: Record<string, string> = {}) =>
  resolveGlobals(flagValues(GLOBAL_FLAGS, given(flags)));
const run = (flags: Record<string, string | string[]>, insecure = '') =>
  asked(
    flagValues(RUN_FLAGS, given(flags)),
    globals(insecure === '' ? {} : { 'insecure-options': insecure }),
  );
const asked = (values: FlagValues<typeof RUN_FLAGS>, all: Globals) =>
  runRequest(runWish(values, all), engineOptions('run', all));

test('runWish() is for the default network and nothing insecure', () => {
  const request = run({});
  assert.equal(request.network.mode, 'cni');
  assert.deepEqual([request.allCapabilities, request.insecurePaths, request.hostIpc], [false, false, false]);
});

test('runWish() reads networks, IPC and what is insecure', () => {
  assert.deepEqual(run({ net: 'host' }).network, { mode: 'host' });
  assert.deepEqual(run({ net: 'none' }).network, { mode: 'none' });
  assert.equal(run({ ipc: 'parent' }).hostIpc, true);
  assert.equal(run({}, 'capabilities').allCapabilities, true);
  assert.equal(run({}, 'paths').insecurePaths, true);
  assert.throws(() => run({ net: 'foo' }), { message: 'networks not found: foo' });
  assert.throws(() => run({ ipc: 'x' }), { message: '--ipc: expected auto, private or parent, got "x"' });
});

test('resolveGlobals() resolves directories, and refuses empty ones', () => {
  assert.equal(globals({ dir: '/proc/self/cwd' }).dataDirectory, process.cwd());
  assert.equal(globals({ dir: '/nowhere/x' }).dataDirectory, '/nowhere/x');
  assert.throws(() => globals({ dir: '' }), { message: '--dir: the directory cannot be empty' });
});

test('resolveGlobals() takes the data directory of the configuration, unless a flag names one', () => {
  using data = dataDirectory();
  mkdirSync(join(data.path, 'paths.d'));
  const file = JSON.stringify({ rktKind: 'paths', rktVersion: 'v1', data: '/srv/pods' });
  writeFileSync(join(data.path, 'paths.d/a.json'), file);
  const flags = { 'local-config': data.path };
  assert.equal(globals(flags).dataDirectory, '/srv/pods');
  assert.equal(globals({ ...flags, dir: '/nowhere/x' }).dataDirectory, '/nowhere/x');
});

test('pullPolicy() knows three, and the old names of two', () => {
  const policy = (flags: Record<string, string>) =>
    pullPolicy(flagValues(PREPARE_FLAGS, given(flags)), 'new');
  assert.equal(policy({}), 'new');
  assert.equal(policy({ 'store-only': 'true' }), 'never');
  assert.equal(policy({ 'no-store': 'true' }), 'update');
  assert.equal(policy({ 'pull-policy': 'update' }), 'update');
  assert.throws(() => policy({ 'pull-policy': 'x' }), { code: 'ERR_USAGE' });
  assert.throws(() => policy({ 'store-only': 'true', 'no-store': 'true' }), { code: 'ERR_USAGE' });
});

const durations: readonly [string, number][] = [
  ['0', 0],
  ['0s', 0],
  ['10s', 10_000],
  ['1.5s', 1500],
  ['1h30m', 5_400_000],
  ['100ms', 100],
  ['.5m', 30_000],
];

for (const [text, milliseconds] of durations)
  test(`parseDuration("${text}") is ${milliseconds} ms`, () => {
    assert.equal(parseDuration('wait', text), milliseconds);
  });

for (const text of ['', '10', 's', '10x', '-1s', '1s ', '1m1'])
  test(`parseDuration("${text}") is refused`, () => {
    assert.throws(() => parseDuration('wait', text), { code: 'ERR_USAGE' });
  });

test('formatDuration() writes durations as Go does', () => {
  assert.deepEqual([0, 1000, 90_000, 1_800_000, 3_600_000, 86_400_000].map(formatDuration), [
    '0s',
    '1s',
    '1m30s',
    '30m0s',
    '1h0m0s',
    '24h0m0s',
  ]);
});

test('formatSize() writes sizes as go-humanize does', () => {
  assert.deepEqual([0, 1, 1023, 1024, 1_960_000, 12_582_912, 1024 ** 4].map(formatSize), [
    '0 B',
    '1 B',
    '1023 B',
    '1.0 KiB',
    '1.9 MiB',
    '12 MiB',
    '1.0 TiB',
  ]);
});

test('sortImages() sorts by the first key, then by the next', () => {
  const image = (name: string, size: number) => ({
    id: makeImageId('0'.repeat(128)),
    name,
    size,
    importTime: 0,
    lastUsed: 0,
  });
  const images = [image('b', 1), image('a', 1), image('c', 0)];
  const names = (keys: ('name' | 'size' | 'importtime')[], descending = false) =>
    sortImages(images, keys, descending).map(({ name }) => name);
  assert.deepEqual(names(['size', 'name']), ['c', 'a', 'b']);
  assert.deepEqual(names(['name'], true), ['c', 'b', 'a']);
  assert.deepEqual(names(['importtime']), ['b', 'a', 'c']);
});
