import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bunPath } from '../../scripts/bun.mjs';
import { dist, runProgram, temporaryDirectory } from './executable.ts';
import { NO_PODS } from './pod-image.ts';
import { rootsPlace, until } from './running-pod.ts';

const tsrkt = (...args: readonly string[]) => runProgram(join(dist, 'tsrkt'), args);

/** What bash offers behind these words. */
function offered(...words: readonly string[]): readonly string[] {
  const script = `${tsrkt('completion', 'bash').stdout}
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tsrkt 2>/dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = spawnSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' });
  return stdout.split('\n').filter(Boolean);
}

test('in bash tsrkt completes commands, their second words, and flags', () => {
  assert.ok(['run', 'run-prepared'].every((name) => offered('tsrkt', 'ru').includes(name)));
  assert.ok(offered('tsrkt', 'image', '').includes('cat-manifest'));
  assert.deepEqual(offered('tsrkt', 'image', 'list', '--no-l'), ['--no-legend']);
  assert.ok(offered('tsrkt', 'run', '--insec').includes('--insecure-options='));
  assert.ok(offered('tsrkt', 'run', 'x.aci', '--work').includes('--working-dir='));
});

for (const [shell, check] of [
  ['bash', ['-n']],
  ['zsh', ['-n']],
  ['fish', ['--no-execute']],
] as const) {
  const skip = spawnSync(shell, ['--version']).error && `needs ${shell}`;
  test(`tsrkt completion ${shell} is a script that ${shell} understands`, { skip: skip ?? false }, () => {
    using directory = temporaryDirectory();
    const file = join(directory.path, 'script');
    writeFileSync(file, tsrkt('completion', shell).stdout);
    const { status, stderr } = spawnSync(shell, [...check, file], { encoding: 'utf8' });
    assert.deepEqual([status, stderr], [0, '']);
  });
}

test('tsrkt config merges directories, the later one wins, and shows no secret', () => {
  using directory = temporaryDirectory();
  const write = (where: string, file: string, content: object) => {
    mkdirSync(join(directory.path, where, file, '..'), { recursive: true });
    writeFileSync(join(directory.path, where, file), JSON.stringify({ rktVersion: 'v1', ...content }));
  };
  const auth = (user: string) => ({
    rktKind: 'auth',
    domains: ['example.com'],
    type: 'basic',
    credentials: { user, password: 'secret' },
  });
  write('system', 'auth.d/a.json', auth('vendor'));
  write('local', 'auth.d/a.json', auth('admin'));
  const docker = { registries: ['quay.io'], credentials: { user: 'me', password: 'secret' } };
  write('local', 'auth.d/b.json', { rktKind: 'dockerAuth', ...docker });
  write('system', 'paths.d/a.json', { rktKind: 'paths', data: '/srv/tsrkt' });
  write('user', 'stage1.d/a.json', { rktKind: 'stage1', location: '/opt/stage1' });
  const flags = ['system', 'local', 'user'].map((name) => `--${name}-config=${join(directory.path, name)}`);
  const { stdout } = tsrkt(...flags, 'config');
  assert.equal(stdout.includes('secret'), false);
  assert.deepEqual(JSON.parse(stdout).stage0, [
    {
      rktVersion: 'v1',
      rktKind: 'auth',
      domains: ['example.com'],
      type: 'basic',
      credentials: { user: 'admin', password: '********' },
    },
    {
      rktVersion: 'v1',
      rktKind: 'dockerAuth',
      registries: ['quay.io'],
      credentials: { user: 'me', password: '********' },
    },
    { rktVersion: 'v1', rktKind: 'paths', data: '/srv/tsrkt' },
    { rktVersion: 'v1', rktKind: 'stage1', location: '/opt/stage1' },
  ]);
  write('local', 'stage1.d/bad.json', { rktKind: 'stage1', name: 'x' });
  assert.match(tsrkt(...flags, 'config').stderr, /stage1\.d\/bad\.json: name and version are given together/);
});

test('npm run man makes a page for every command, which man understands', () => {
  using directory = temporaryDirectory();
  const script = join(import.meta.dirname, '../../scripts/man-pages.ts');
  assert.equal(spawnSync(bunPath(), [script, directory.path]).status, 0);
  const pages = readdirSync(directory.path);
  assert.ok(pages.includes('tsrkt.1') && pages.includes('tsrkt-image-list.1'));
  assert.match(readFileSync(join(directory.path, 'tsrkt-run.1'), 'utf8'), /^\.B \\-\\-pod\\-manifest=FILE$/m);
  if (spawnSync('groff', ['--version']).error) return;
  for (const page of pages) {
    const { stderr } = spawnSync('groff', ['-man', '-ww', '-z', '-Tutf8', join(directory.path, page)], {
      encoding: 'utf8',
    });
    assert.equal(stderr, '', page);
  }
});

test('tsrkt events prints a pod’s life as JSON lines, tsrkt list --watch lists it again', {
  skip: NO_PODS,
}, async () => {
  using me = await rootsPlace();
  const [file, ...flags] = me.command;
  const outputs = [['events'], ['list', '--watch', '--no-legend']].map((args) => {
    const child = spawn(file, [...flags, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const output = { child, text: '' };
    child.stdout.on('data', (bytes) => (output.text += bytes));
    return output;
  });
  const [events, list] = outputs as [(typeof outputs)[0], (typeof outputs)[0]];
  me.tsrkt(['run', '--net=none', me.image, '--', 'sleep 0.6; exit 3']);
  await until('the end is seen', () => /"state":"exited"/.test(events.text) && /exited/.test(list.text));
  for (const { child } of outputs) {
    child.kill();
    await once(child, 'exit');
  }
  const seen = events.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(seen.find(({ type }) => type === 'app-exited')?.exit_code, 3);
  assert.match(list.text, /running.*\n(.*\n)*.*exited/);
});
