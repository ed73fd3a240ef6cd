import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NO_PODS } from './pod-image.ts';
import { directoryOf, rootsPlace, startSandbox, until } from './running-pod.ts';
import { add, done, executeFor, stop } from './sandbox.ts';

const skip = NO_PODS;

test('streams of an app are made anew for each start: one attaches to the later as to the first', {
  skip,
}, async () => {
  using me = await rootsPlace();
  done(me, 'fetch', me.image);
  using pod = await startSandbox(me);
  add(
    me,
    pod,
    'web',
    'echo $$ up; cat; echo over; exec sleep 1000',
    '--stdin=stream',
    '--stdout=log',
    '--stderr=log',
  );
  for (const count of [1, 2, 3, 4]) {
    done(me, 'app', 'start', pod.uuid);
    const { status, stdout } = me.tsrkt(['attach', '--mode=list', pod.uuid]);
    assert.deepEqual([status, stdout], [0, 'stdin\n']);
    await until('it is logged', () => me.tsrkt(['logs', pod.uuid]).stdout.split('up\n').length === count + 1);
    done(me, 'app', 'stop', pod.uuid);
  }
  const children = readFileSync(`/proc/${pod.child.pid}/task/${pod.child.pid}/children`, 'utf8')
    .trim()
    .split(' ');
  assert.ok(children.length <= 4, `${children}`); // the pod's first process, and what attended the last starts
  done(me, 'app', 'rm', pod.uuid);
  assert.ok(!existsSync(join(directoryOf(me, pod), 'logs/web')));
  await stop(me, pod);
});

test('logs that are followed go on with apps that come later', { skip }, async () => {
  using me = await rootsPlace();
  done(me, 'fetch', me.image);
  using pod = await startSandbox(me);
  const addLogged = (name: string) =>
    add(me, pod, name, `echo ${name} up; exec sleep 1000`, '--stdout=log', '--stderr=log');
  addLogged('one');
  done(me, 'app', 'start', pod.uuid);
  await until('it is logged', () => me.tsrkt(['logs', pod.uuid]).stdout === 'one up\n');
  const [program, ...argv] = me.command;
  const followed = executeFor(program, [...argv, 'logs', '--follow', pod.uuid]);
  addLogged('two');
  done(me, 'app', 'start', '--app=two', pod.uuid);
  await until('it is logged', () => /two up/.test(me.tsrkt(['logs', pod.uuid]).stdout));
  await stop(me, pod);
  assert.equal(await followed, 'one up\ntwo up\n');
});
