import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runProgram } from './executable.ts';
import { makeBox, NO_PODS } from './pod-image.ts';
import { directoryOf, rootsPlace, see, startPod, startSandbox, until } from './running-pod.ts';
import { add, commands, done, execute, stateOf, stop, supervisorName } from './sandbox.ts';

const skip = NO_PODS;

test('what cannot be is said in one sentence', { skip }, async () => {
  using me = await rootsPlace();
  const refused = (args: readonly string[], pattern: RegExp) => {
    const { status, stdout, stderr } = me.tsrkt(args);
    assert.deepEqual([status, stdout], [254, ''], args.join(' '));
    assert.match(stderr, pattern);
  };
  using immutable = await startPod(me, [me.image, '--', 'exec sleep 1000']);
  refused(['app', 'add', immutable.uuid, me.image], /pod ".*" is immutable.*\nhint: tsrkt app sandbox makes/);
  refused(['app', 'stop', immutable.uuid], /is immutable/);
  using pod = await startSandbox(me);
  refused(['app', 'start', pod.uuid], /pod contains zero apps/);
  refused(
    ['app', 'add', pod.uuid, 'example.com/other'],
    /^add: image "example\.com\/other" is not in the store\nhint: tsrkt fetch example\.com\/other brings it there\n$/,
  );
  add(me, pod, 'web', 'exec sleep 1000');
  refused(
    ['app', 'add', pod.uuid, me.image, '--name=web'],
    /the pod has an app "web" already\nhint: .*--name/,
  );
  refused(['app', 'start', '--app=db', pod.uuid], /the pod has no app "db"\nhint: its apps are web/);
  refused(['enter', pod.uuid, 'true'], /app "web" of pod ".*" has not been started/);
  refused(
    ['app', 'add', pod.uuid, me.image, '--name=x', '--mount=volume=v,target=/v'],
    /dangling mount point "\/v": volume "v" not found/,
  );
  add(me, pod, 'broken', 'true', '--exec=/no/such/program');
  refused(['app', 'start', '--app=broken', pod.uuid], /"broken".*\/no\/such\/program.*ENOENT/);
  assert.equal(stateOf(me, pod, 'broken'), 'exited');
  assert.equal(me.tsrkt(['app', 'stop', '--app=web', pod.uuid]).stderr, 'stop: app "web" does not run\n');
  done(me, 'app', 'start', '--app=web', pod.uuid);
  assert.equal(
    me.tsrkt(['app', 'start', '--app=web', pod.uuid]).stderr,
    'start: app "web" is already running\n',
  );
  assert.equal(me.tsrkt(['pause', pod.uuid]).status, 0);
  refused(['app', 'stop', '--app=web', pod.uuid], /is paused\nhint: tsrkt resume/);
  done(me, 'resume', pod.uuid);
  assert.deepEqual(readdirSync(join(directoryOf(me, pod), 'apps')).toSorted(), ['broken', 'web']);
  await stop(me, pod);
  refused(['app', 'add', pod.uuid, me.image], /pod ".*" isn't currently running/);
});

test('an image that nobody vouches for is not added, and not started, unless that is asked for', {
  skip,
}, async () => {
  using me = await rootsPlace();
  done(me, 'fetch', me.image);
  using pod = await startSandbox(me);
  const strictly = (...args: readonly string[]) => {
    const [program, ...argv] = me.command;
    return runProgram(program, [...argv.filter((each) => !each.startsWith('--insecure')), ...args]);
  };
  assert.match(strictly('app', 'add', pod.uuid, me.image).stderr, /signature/);
  assert.deepEqual(readdirSync(join(directoryOf(me, pod), 'apps')), []);
  add(me, pod, 'web', 'exec sleep 1000');
  const { status, stderr } = strictly('app', 'start', pod.uuid);
  assert.equal(status, 0); // the pod remembers that somebody wanted it
  assert.match(stderr, /let through unverified/);
  await stop(me, pod);
});

test('an app that does not listen to SIGTERM is killed after its time, with its children', {
  skip,
}, async () => {
  using me = await rootsPlace();
  done(me, 'fetch', me.image);
  using pod = await startSandbox(me);
  add(me, pod, 'deaf', 'trap "" TERM; sleep 4242 & echo up; while :; do sleep 1; done');
  done(me, 'app', 'start', pod.uuid);
  await see(pod, /up\n/);
  const before = performance.now();
  done(me, 'app', 'stop', pod.uuid);
  assert.ok(performance.now() - before > 9000);
  assert.match(done(me, 'app', 'status', pod.uuid), /exit_code=137\n/);
  assert.deepEqual(commands(me, pod), []);
  await stop(me, pod);
});

test('handlers of an app run around each start and stop', { skip }, async () => {
  using me = await rootsPlace();
  const image = join(me.path, 'handlers.aci');
  const say = (what: string) => ['/bin/sh', '-c', `echo ${what}; sleep 0.2`];
  const eventHandlers = [
    { name: 'pre-start', exec: say('before') },
    { name: 'post-stop', exec: say('after') },
  ];
  const app = { exec: ['/bin/sh', '-c'], user: '0', group: '0', eventHandlers };
  await makeBox(join(me.path, 'handlers'), image, { app });
  done(me, 'fetch', image);
  using pod = await startSandbox(me);
  done(me, 'app', 'add', pod.uuid, image, '--', 'echo main; exec sleep 1000');
  done(me, 'app', 'start', pod.uuid);
  await see(pod, /before\nmain\n/);
  done(me, 'app', 'stop', pod.uuid);
  await see(pod, /before\nmain\nafter\n/);
  done(me, 'app', 'start', pod.uuid);
  await see(pod, /after\nbefore\nmain\n/);
  await stop(me, pod);
});

test('apps are added, started and stopped at the same time', { skip }, async () => {
  using me = await rootsPlace();
  done(me, 'fetch', me.image);
  using pod = await startSandbox(me);
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const all = async (args: (name: string) => readonly string[]) => {
    const [program, ...argv] = me.command;
    const ends = names.map((name) => execute(program, [...argv, ...args(name)]));
    assert.deepEqual(
      await Promise.all(ends),
      names.map(() => 0),
    );
  };
  await all((name) => ['app', 'add', pod.uuid, me.image, `--name=${name}`, '--', 'exec sleep 1000']);
  await all((name) => ['app', 'start', `--app=${name}`, pod.uuid]);
  assert.equal(commands(me, pod).length, names.length);
  await all((name) => ['app', 'stop', `--app=${name}`, pod.uuid]);
  assert.deepEqual(commands(me, pod), []);
  await all((name) => ['app', 'rm', `--app=${name}`, pod.uuid]);
  await stop(me, pod);
});

for (const flags of [['--private-users'], ['--private-users', '--no-overlay'], ['--no-overlay']])
  test(`apps that come later are made as the pod was: ${flags.join(' ')}`, { skip }, async () => {
    using me = await rootsPlace();
    done(me, 'fetch', me.image);
    using pod = await startSandbox(me, flags);
    add(
      me,
      pod,
      'web',
      'touch /mine; stat -c %u /mine /bin/busybox; exec sleep 1000',
      '--mnt-volume=name=v,kind=empty,target=/v',
    );
    done(me, 'app', 'start', pod.uuid);
    await see(pod, /0\n0\n/);
    const [first = '0'] = done(me, 'enter', pod.uuid, 'cat', '/proc/self/uid_map')
      .trim()
      .split(/\s+/)
      .slice(1);
    assert.equal(first !== '0', flags.includes('--private-users'));
    await stop(me, pod);
  });

test('a pod whose first process is killed ends, and says so by its status', { skip }, async () => {
  using me = await rootsPlace();
  using pod = await startSandbox(me);
  await until('it sleeps', () => supervisorName(pod).startsWith('stage1 asleep'));
  process.kill(Number(readFileSync(join(directoryOf(me, pod), 'pid'), 'utf8')), 'SIGKILL');
  assert.equal(await pod.ended, 137);
});

test('gc removes a sandbox whose supervisor was killed, with the cgroups of its later apps', {
  skip,
}, async () => {
  using me = await rootsPlace();
  done(me, 'fetch', me.image);
  using pod = await startSandbox(me);
  add(me, pod, 'web', 'exec sleep 1000', '--memory=64Mi');
  done(me, 'app', 'start', pod.uuid);
  const record = readFileSync(join(directoryOf(me, pod), 'cgroups.json'), 'utf8');
  const cgroups: readonly { remove: readonly string[] }[] = JSON.parse(record);
  const directories = cgroups.flatMap(({ remove }) => remove);
  assert.ok(directories.length > 1 && directories.every((each) => existsSync(each)), record);
  pod.child.kill('SIGKILL');
  await pod.ended;
  await until('it is gone', () => {
    me.tsrkt(['gc', '--grace-period=0s']);
    return !me.tsrkt(['list', '--full']).stdout.includes(pod.uuid);
  });
  assert.deepEqual(
    directories.filter((each) => existsSync(each)),
    [],
  );
});

test('nobody but root and the owner of a pod is heard, whatever the mode of its socket', {
  skip,
}, async () => {
  using me = await rootsPlace();
  done(me, 'fetch', me.image);
  using pod = await startSandbox(me);
  add(me, pod, 'web', 'exec sleep 1000');
  const directory = directoryOf(me, pod);
  for (let path = directory; path.startsWith(me.path); path = join(path, '..')) chmodSync(path, 0o777);
  const [program, ...argv] = me.command;
  const strangely = () =>
    runProgram('setpriv', [
      '--reuid=64321',
      '--regid=64321',
      '--clear-groups',
      program,
      ...argv,
      'app',
      'stop',
      pod.uuid,
    ]);
  assert.notEqual(strangely().status, 0);
  chmodSync(join(directory, 'control'), 0o666);
  assert.notEqual(strangely().status, 0);
  done(me, 'app', 'start', pod.uuid);
  await stop(me, pod);
});

test('an app that comes later has the network, the name servers and the forwarded ports of its pod', {
  skip,
}, async () => {
  using me = await rootsPlace();
  done(me, 'fetch', me.image);
  const config = join(me.path, 'config');
  mkdirSync(join(config, 'net.d'), { recursive: true });
  const network = {
    cniVersion: '1.0.0',
    name: 'own',
    type: 'ptp',
    ipMasq: true,
    ipam: { type: 'host-local', subnet: '10.254.78.0/29', dataDir: join(me.path, 'leases') },
    dns: { nameservers: ['10.254.78.1'] },
  };
  writeFileSync(join(config, 'net.d/10-own.conf'), JSON.stringify(network));
  const place = {
    ...me,
    command: [me.command[0], `--local-config=${config}`, ...me.command.slice(1)] as const,
  };
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  using pod = await startSandbox(place, ['--net=own', `--port=web:tcp:7000::${port}`]);
  await until('it sleeps', () => supervisorName(pod).startsWith('stage1 asleep'));
  add(me, pod, 'web', 'cat /etc/resolv.conf; exec busybox nc -ll -p 7000 -e /bin/hostname');
  done(me, 'app', 'start', pod.uuid);
  await see(pod, /nameserver 10\.254\.78\.1\n/);
  let answer = '';
  await until('the port answers', () => {
    answer = runProgram('bash', ['-c', `exec 3<>/dev/tcp/127.0.0.1/${port} && timeout 3 cat <&3`]).stdout;
    return answer !== '';
  });
  assert.equal(answer, `tsrkt-${pod.uuid}\n`);
  done(me, 'app', 'rm', pod.uuid);
  await stop(me, pod);
  assert.deepEqual(
    readdirSync(join(me.path, 'leases/own')).filter((name) => /^\d/.test(name)),
    [],
  );
});
