import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { everybody, type Place, startPod, until } from './running-pod.ts';

/** A command in the background, and what it has printed so far. Disposing interrupts it. */
function watching({ command, env }: Place, ...args: readonly string[]) {
  const [program, ...argv] = command;
  const child = spawn(program, [...argv, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let output = '';
  child.stdout.on('data', (bytes) => (output += bytes));
  return {
    output: () => output,
    async [Symbol.asyncDispose]() {
      child.kill('SIGINT');
      await exited;
    },
  };
}

for (const { who, skip, place } of everybody)
  test(`${who} sees what happens to pods, what they are made of, and runs commands in their apps`, {
    skip,
  }, async () => {
    using me = await place();
    await using events = watching(me, 'events');
    await using list = watching(me, 'list', '--watch');
    await until('the list', () => list.output() !== '');
    using pod = await startPod(me, [
      me.image,
      '--user-label=tier=front',
      '--',
      'trap "exit 3" TERM; while :; do sleep 0.1; done',
    ]);
    await until('it is listed', () => /running/.test(list.output()));
    const manifest = JSON.parse(me.tsrkt(['cat-manifest', pod.uuid]).stdout);
    assert.equal(manifest.apps[0].app.userLabels.tier, 'front');
    assert.equal(me.tsrkt(['app', 'exec', '--app=box', pod.uuid, 'hostname']).stdout, `tsrkt-${pod.uuid}\n`);
    const [app] = JSON.parse(me.tsrkt(['app', 'list', '--format=json', pod.uuid]).stdout);
    assert.deepEqual([app.name, app.state], ['box', 'running']);
    assert.match(me.tsrkt(['app', 'status', pod.uuid]).stdout, /^name=box\nstate=running\n/);
    assert.equal(me.tsrkt(['stop', pod.uuid]).status, 0);
    assert.equal(await pod.ended, 3);
    await until('the end is told', () => /"app-exited".*"exit_code":3/.test(events.output()));
    const types = events
      .output()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).type);
    for (const type of ['pod-created', 'app-started', 'pod-ready', 'app-exited'])
      assert.ok(types.includes(type), `${types}`);
  });
