import assert from 'node:assert/strict';
import { closeSync, existsSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { waitFor } from '../../linux/wait.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import { startApp } from '../../stage1/supervisor/app.ts';
import { startSandbox } from '../../stage1/supervisor/sandbox.ts';
import { shareProc } from '../../stage1/supervisor/shared-proc.ts';
import {
  type AppOptions,
  type AppRoot,
  appConfig,
  makeAppRoot,
  runScript,
  sandboxConfig,
} from './app-root.ts';

/** Starts apps one after the other in one sandbox, while the first watches them. */
function runWatched(root: AppRoot, watcher: string, others: readonly string[], options: AppOptions): string {
  const path = join(root.directory, 'proc');
  const scripts = [watcher, ...others].map((script, i): [string, RuntimeConfig] => [
    `${i}`,
    appConfig(root, script, options),
  ]);
  const pod = shareProc({ sandbox: sandboxConfig(root, options), apps: new Map(scripts) }, path);
  const sandbox = startSandbox(pod.sandbox);
  const file = join(root.directory, 'output');
  const output = openSync(file, 'w');
  const shared = ['shm', 'proc'].map((name) => join(root.directory, name));
  const start = (name: string) => {
    const config = pod.apps.get(name) as RuntimeConfig;
    return startApp({
      name,
      config,
      namespaces: sandbox.namespaces,
      stdio: [0, output, output],
      shared,
      cgroup: [],
    });
  };
  try {
    const watching = start('0');
    for (const i of others.keys()) waitFor(start(`${i + 1}`));
    process.kill(watching, 'SIGKILL');
    waitFor(watching);
  } finally {
    process.kill(sandbox.pid, 'SIGKILL');
    waitFor(sandbox.pid);
    for (const fd of [output, ...sandbox.namespaces.values()]) closeSync(fd);
  }
  return readFileSync(file, 'utf8');
}

test('CVE-2019-5736: /proc/self/exe is never a file of the host, not as the program, not as a script’s interpreter', () => {
  using root = makeAppRoot();
  writeFileSync(join(root.tree, 'script'), '#!/proc/self/exe\n', { mode: 0o755 });
  for (const program of ['/proc/self/exe', '/script']) {
    const { status, output } = runScript(root, '', { process: { args: [program] } });
    assert.deepEqual({ status, output }, { status: 127, output: '' }, program);
  }
});

test('CVE-2019-5736: no process of a pod, however it is watched, ever shows the supervisor’s file or memory', () => {
  using root = makeAppRoot();
  const watch =
    'while :; do for p in /proc/[0-9]*; do [ -e $p/exe ] && readlink $p/exe; grep -h " r-xp" $p/maps; done; done 2>/dev/null';
  const all = ['CAP_SYS_PTRACE', 'CAP_DAC_OVERRIDE', 'CAP_KILL'];
  const process = { capabilities: { bounding: all, effective: all, permitted: all } };
  const seen = runWatched(root, watch.replace('grep', 'busybox grep'), Array(40).fill('true'), { process });
  assert.match(seen, /busybox/);
  assert.doesNotMatch(seen, /bun|node|stage1|\.so/);
});

test('a link into /proc/self/fd in place of a directory makes nothing on the host', () => {
  using root = makeAppRoot();
  for (let fd = 3; fd < 24; fd++) {
    const link = join(root.tree, `x${fd}`);
    symlinkSync(`/proc/self/fd/${fd}/../../made`, link);
    assert.throws(() => runScript(root, 'true', { process: { cwd: `/x${fd}/by/image` } }), Error, `fd ${fd}`);
    const mounts = [{ destination: `/x${fd}/by/image`, type: 'tmpfs', source: 'tmpfs' }] as const;
    assert.throws(() => runScript(root, 'true', { mounts }), Error, `fd ${fd}`);
  }
  for (const place of ['made', '../made', '../../made']) assert.ok(!existsSync(join(root.directory, place)));
});
