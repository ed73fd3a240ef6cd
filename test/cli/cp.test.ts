import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dist, traceProgram } from './executable.ts';
import { NO_PODS } from './pod-image.ts';
import { everybody, type Place, rootsPlace, startPod } from './running-pod.ts';

const skip = NO_PODS;

for (const { who, skip: skipped, place } of everybody)
  test(`tsrkt cp by ${who} copies files and directories in and out`, { skip: skipped }, async () => {
    using me = await place();
    using pod = await startPod(me, [me.image, '--', 'exec sleep 1000']);
    const enter = (script: string) => me.tsrkt(['enter', pod.uuid, 'sh', '-c', script]).stdout;
    const file = join(me.path, 'file');
    enter(
      'busybox mkdir -p /tmp/d/e; echo one > /tmp/d/e/f; busybox ln -s e/f /tmp/d/link; busybox chmod 4750 /tmp/d/e/f',
    );
    const out = me.tsrkt(['cp', `${pod.uuid}:/tmp/d`, file]);
    assert.deepEqual([out.status, out.stderr], [0, '']);
    assert.equal(readFileSync(join(file, 'e/f'), 'utf8'), 'one\n');
    assert.equal(readlinkSync(join(file, 'link')), 'e/f');
    const { mode, uid } = lstatSync(join(file, 'e/f'));
    assert.deepEqual([mode & 0o7777, uid], [0o750, lstatSync(file).uid]);
    const back = me.tsrkt(['cp', file, `${pod.uuid.slice(0, 8)}:/etc`]);
    assert.deepEqual([back.status, back.stderr], [0, '']);
    assert.equal(enter('cat /etc/file/e/f; stat -c "%u %g %a" /etc/file/e/f'), 'one\n0 0 750\n');
  });

test('tsrkt cp names a copy as it is told, and replaces a file', { skip }, async () => {
  using me = await rootsPlace();
  using pod = await startPod(me, [me.image, '--', 'exec sleep 1000']);
  const file = join(me.path, 'file');
  for (const content of ['one', 'two']) {
    writeFileSync(file, content);
    assert.equal(me.tsrkt(['cp', file, `${pod.uuid}:/etc/new`]).status, 0);
    assert.equal(me.tsrkt(['enter', pod.uuid, 'cat', '/etc/new']).stdout, content);
  }
  assert.match(me.tsrkt(['cp', file, `${pod.uuid}:/no/such/new`]).stderr, /^cp: open "\/no\/such\/": ENOENT/);
  assert.equal(me.tsrkt(['cp', file, file]).status, 254);
});

test('tsrkt cp copies no device and no FIFO, and is not stopped by one', { skip }, async () => {
  using me = await rootsPlace();
  using pod = await startPod(me, [
    me.image,
    '--',
    'busybox mkdir /d; busybox mkfifo /d/fifo; echo x > /d/x; exec sleep 1000',
  ]);
  const { status, stderr } = me.tsrkt(['cp', `${pod.uuid}:/d`, join(me.path, 'd')]);
  assert.deepEqual([status, stderr], [0, 'cp: fifo is no file, directory or link: not copied\n']);
  assert.equal(readFileSync(join(me.path, 'd/x'), 'utf8'), 'x\n');
});

test('links of an app lead nowhere but into the app', { skip }, async () => {
  using me = await rootsPlace();
  const secret = join(me.path, 'secret');
  mkdirSync(secret);
  writeFileSync(join(secret, 'x'), 'the host’s');
  using pod = await startPod(me, [
    me.image,
    '--',
    `busybox ln -s ${secret} /out; busybox ln -s ../../../../..${secret} /up; exec sleep 1000`,
  ]);
  for (const link of ['/out', '/up']) {
    assert.match(me.tsrkt(['cp', `${pod.uuid}:${link}/x`, join(me.path, 'got')]).stderr, /ENOENT/, link);
    assert.match(me.tsrkt(['cp', me.image, `${pod.uuid}:${link}/new`]).stderr, /ENOENT/, link);
  }
  assert.equal(existsSync(join(me.path, 'got')), false);
  assert.equal(existsSync(join(secret, 'new')), false);
});

test('CVE-2018-15664: an app that swaps a directory for a link while files are copied gains nothing', {
  skip,
}, async () => {
  using me = await rootsPlace();
  const outside = join(me.path, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'f'), 'untouched');
  const swap = `busybox mkdir /a; echo in > /a/f; busybox ln -s ${outside} /b; cd /; while :; do busybox mv a t; busybox mv b a; busybox mv a b; busybox mv t a; done`;
  using pod = await startPod(me, [me.image, '--', swap]);
  const file = join(me.path, 'f');
  writeFileSync(file, 'evil');
  const got = join(me.path, 'got');
  for (let tries = 0; tries < 25; tries++) {
    me.tsrkt(['cp', file, `${pod.uuid}:/a/f`]);
    me.tsrkt(['cp', `${pod.uuid}:/a/f`, got]);
    if (existsSync(got)) assert.notEqual(readFileSync(got, 'utf8'), 'untouched');
  }
  assert.equal(readFileSync(join(outside, 'f'), 'utf8'), 'untouched');
});

test('CVE-2019-14271: nothing of the app is executed or loaded by tsrkt cp', {
  skip: skip || noStrace(),
}, async () => {
  using me = await rootsPlace();
  using pod = await startPod(me, [me.image, '--', 'exec sleep 1000']);
  poison(me, pod.uuid);
  const [, ...flags] = me.command;
  const args = [...flags, 'cp', `${pod.uuid}:/etc/passwd`, join(me.path, 'passwd')];
  const { status, calls } = traceProgram(join(dist, 'tsrkt'), args);
  assert.equal(status, 0);
  assert.equal(calls.filter((call) => call.includes('execve(')).length, 1);
  assert.deepEqual(
    calls.filter((call) => call.includes('chroot(') || (call.includes('pods/run/') && call.includes('.so'))),
    [],
  );
});

/** What docker cp loaded from the container's own root. */
function poison(me: Place, uuid: string): void {
  const library = join(me.path, 'libnss_files.so.2');
  writeFileSync(library, 'poison');
  chmodSync(library, 0o755);
  me.tsrkt(['enter', uuid, 'busybox', 'mkdir', '-p', '/lib/x86_64-linux-gnu']);
  assert.equal(me.tsrkt(['cp', library, `${uuid}:/lib/x86_64-linux-gnu`]).status, 0);
}

function noStrace(): false | string {
  return existsSync('/usr/bin/strace') ? false : 'needs strace';
}
