import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { runProgram } from './executable.ts';
import { directoryOf, everybody, see, startSandbox, until } from './running-pod.ts';
import { add, commands, done, stateOf, stop, supervisorName } from './sandbox.ts';

for (const { who, skip: skipped, place } of everybody) {
  test(`a sandbox of ${who} lives without apps; one is added, started, stopped, started again and removed`, {
    skip: skipped,
  }, async () => {
    using me = await place();
    done(me, 'fetch', me.image);
    using pod = await startSandbox(me);
    assert.equal(me.tsrkt(['app', 'list', '--no-legend', pod.uuid]).stdout.trim(), '');
    add(
      me,
      pod,
      'web',
      'echo up $AC_APP_NAME $(id -u) $$; trap "echo bye; exit 3" TERM; while :; do sleep 0.1; done',
    );
    assert.equal(stateOf(me, pod, 'web'), 'created');
    done(me, 'app', 'start', '--app=web', pod.uuid);
    await see(pod, /up web 0 \d+\n/);
    assert.equal(stateOf(me, pod, 'web'), 'running');
    assert.equal(done(me, 'enter', pod.uuid, 'hostname'), `tsrkt-${pod.uuid}\n`);
    done(me, 'app', 'stop', '--app=web', pod.uuid);
    await see(pod, /bye\n/);
    assert.equal(stateOf(me, pod, 'web'), 'exited');
    assert.match(done(me, 'app', 'status', pod.uuid), /exit_code=3\n/);
    done(me, 'app', 'start', pod.uuid);
    assert.equal(stateOf(me, pod, 'web'), 'running');
    await see(pod, /bye\nup web 0 \d+\n/);
    done(me, 'app', 'rm', '--app=web', pod.uuid);
    await see(pod, /bye\n(.|\n)*bye\n/);
    assert.equal(stateOf(me, pod, 'web'), 'none');
    assert.deepEqual(readdirSync(join(directoryOf(me, pod), 'apps')), []);
    assert.deepEqual(readdirSync(join(directoryOf(me, pod), 'status')), []);
    await stop(me, pod);
  });

  test(`apps of a sandbox of ${who} share its namespaces and the volumes it was made with`, {
    skip: skipped,
  }, async () => {
    using me = await place();
    done(me, 'fetch', me.image);
    const volumes = ['--volume=disk,kind=empty,mode=1777', '--volume=memory,kind=tmpfs,mode=1777'];
    using pod = await startSandbox(me, [...volumes, '--hostname=somewhere']);
    const mounts = ['--mount=volume=disk,target=/disk', '--mount=volume=memory,target=/memory'];
    const own = [
      '--mnt-volume=name=own,kind=empty,target=/own',
      '--mnt-volume=name=fast,kind=tmpfs,target=/fast',
    ];
    add(
      me,
      pod,
      'one',
      'echo 1 > /disk/a; echo 2 > /memory/b; touch /own/c /fast/d; exec sleep 1000',
      ...mounts,
      ...own,
    );
    done(me, 'app', 'start', '--app=one', pod.uuid);
    await until('it wrote', () => me.tsrkt(['enter', '--app=one', pod.uuid, 'ls', '/fast/d']).status === 0);
    const look = 'cat /disk/a /memory/b; ls /own /fast; hostname; busybox pidof sleep; exec sleep 1000';
    add(me, pod, 'two', look, ...mounts, ...own);
    done(me, 'app', 'start', '--app=two', pod.uuid);
    await see(pod, /1\n2\n\/fast:\n\n\/own:\nsomewhere\n\d+\n|1\n2\n\/own:\n\n\/fast:\nsomewhere\n\d+\n/);
    done(me, 'app', 'rm', '--app=one', pod.uuid);
    assert.equal(done(me, 'enter', pod.uuid, 'cat', '/disk/a'), '1\n');
    assert.equal(stateOf(me, pod, 'two'), 'running');
    await stop(me, pod);
  });

  test(`what an app of ${who} leaves behind ends with it, and its restart policy is kept until it is stopped`, {
    skip: skipped,
  }, async () => {
    using me = await place();
    done(me, 'fetch', me.image);
    using pod = await startSandbox(me);
    add(me, pod, 'web', 'sleep 4242 & sleep 4343 & echo again; sleep 0.5; exit 1', '--restart=always');
    done(me, 'app', 'start', pod.uuid);
    await see(pod, /again\nagain\nagain\n/);
    const left = commands(me, pod).filter((command) => command === 'sleep 4242');
    assert.ok(left.length <= 1, `${left}`);
    done(me, 'app', 'stop', pod.uuid);
    assert.deepEqual(commands(me, pod), []);
    const before = pod.output();
    await setTimeout(700);
    assert.equal(pod.output(), before);
    done(me, 'app', 'start', pod.uuid);
    await see(pod, /(again\n){4}/);
    await stop(me, pod);
  });

  test(`nothing is left of an app of ${who} whose processes always fork and exit, once it was stopped`, {
    skip: skipped,
  }, async () => {
    using me = await place();
    done(me, 'fetch', me.image);
    using pod = await startSandbox(me);
    const on = 'echo "busybox setsid sh /tmp/on &" > /tmp/on';
    add(me, pod, 'web', `${on}; sh /tmp/on; sh /tmp/on; sleep 0.2; echo up; exec sleep 1000`);
    for (let count = 1; count <= 5; count++) {
      done(me, 'app', 'start', pod.uuid);
      await see(pod, new RegExp(`(up\\n){${count}}`));
      done(me, 'app', 'stop', pod.uuid);
      const seen = Array.from({ length: 4 }, () => commands(me, pod)).flat();
      assert.deepEqual(seen, []);
    }
    await stop(me, pod);
  });

  test(`the sleeping supervisor of a sandbox of ${who} wakes up for a request, and sleeps again`, {
    skip: skipped,
  }, async () => {
    using me = await place();
    done(me, 'fetch', me.image);
    using pod = await startSandbox(me);
    const asleep = () => until('it sleeps', () => supervisorName(pod).startsWith('stage1 asleep'));
    await asleep();
    add(me, pod, 'web', 'sleep 4242 & exec sleep 1000', '--restart=always');
    done(me, 'app', 'start', pod.uuid);
    await asleep();
    add(me, pod, 'db', 'exec sleep 1000');
    done(me, 'app', 'start', '--app=db', pod.uuid);
    await asleep();
    done(me, 'app', 'stop', '--app=web', pod.uuid);
    assert.deepEqual(commands(me, pod), ['sleep 1000']);
    await asleep();
    done(me, 'app', 'start', '--app=web', pod.uuid);
    done(me, 'app', 'rm', '--app=web', pod.uuid);
    await asleep();
    assert.equal(stateOf(me, pod, 'db'), 'running');
    await stop(me, pod);
  });

  test(`adds of ${who} that are killed leave nothing that the next one does not clean up`, {
    skip: skipped,
  }, async () => {
    using me = await place();
    done(me, 'fetch', me.image);
    using pod = await startSandbox(me);
    for (let ms = 20; ms < 300; ms += 20) {
      const [program, ...argv] = me.command;
      const killed = ['-s', 'KILL', `${ms / 1000}`, program, ...argv];
      const args = ['app', 'add', pod.uuid, me.image, `--name=app-${ms}`, '--', 'exec sleep 1000'];
      runProgram('timeout', [...killed, ...args], { env: me.env });
    }
    const named = () => done(me, 'app', 'list', '--no-legend', pod.uuid).trim().split('\n').filter(Boolean);
    const survivors = named().map((line) => line.split(/\s+/)[0] ?? '');
    for (const app of survivors) done(me, 'app', 'start', `--app=${app}`, pod.uuid);
    const unfinished = ['pod.1.new', 'runtime.json.1.new', 'status/web-created.1.new'];
    for (const name of unfinished) writeFileSync(join(directoryOf(me, pod), name), '');
    add(me, pod, 'last', 'exec sleep 1000');
    const files = readdirSync(directoryOf(me, pod));
    const beside = readdirSync(join(directoryOf(me, pod), 'status'));
    assert.deepEqual(
      [...files, ...beside].filter((name) => name.endsWith('.new')),
      [],
    );
    const names = readdirSync(join(directoryOf(me, pod), 'apps'));
    assert.deepEqual(names.toSorted(), [...survivors, 'last'].toSorted());
    for (const app of names) done(me, 'app', 'rm', `--app=${app}`, pod.uuid);
    assert.deepEqual(readdirSync(join(directoryOf(me, pod), 'apps')), []);
    await stop(me, pod);
  });

  test(`a removal by ${who} that is killed can be done again`, { skip: skipped }, async () => {
    using me = await place();
    done(me, 'fetch', me.image);
    using pod = await startSandbox(me);
    for (let ms = 20; ms < 200; ms += 30) {
      add(me, pod, 'web', 'exec sleep 1000');
      done(me, 'app', 'start', pod.uuid);
      const [program, ...argv] = me.command;
      const killed = ['-s', 'KILL', `${ms / 1000}`, program, ...argv, 'app', 'rm', '--app=web', pod.uuid];
      runProgram('timeout', killed, { env: me.env });
      if (stateOf(me, pod, 'web') !== 'none') {
        const { status, stderr } = me.tsrkt(['app', 'rm', '--app=web', pod.uuid]);
        assert.equal(status, 0, stderr);
      }
    }
    add(me, pod, 'web', 'exec sleep 1000');
    assert.equal(stateOf(me, pod, 'web'), 'created');
    assert.deepEqual(commands(me, pod), []);
    await stop(me, pod);
  });
}
