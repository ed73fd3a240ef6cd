import assert from 'node:assert/strict';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseHierarchies } from '../../linux/cgroup.ts';
import { readHostFile } from '../../stage0/volumes/host-file.ts';
import { makeBox, NO_PODS, podFixture } from './pod-image.ts';
import { type RunningPod, rootsPlace, startPod } from './running-pod.ts';

const skip = NO_PODS;
/** A device that no app has by default, and that this machine lets us open. */
const device = ['/dev/net/tun', '/dev/fuse', '/dev/loop0', '/dev/zram0'].find(canOpen);
const NO_DEVICE = device === undefined && 'this machine has no device to try';

function canOpen(path: string): boolean {
  try {
    closeSync(openSync(path, 'r+'));
    return true;
  } catch {
    return false;
  }
}

const STATUS = '/bin/busybox grep -E "^(Cap|Seccomp:|NoNewPrivs)" /proc/self/status';

/** Needs 128 MB. Where there is swap it may have them in spite of a limit. */
const EAT = 'exec /bin/busybox dd if=/dev/zero of=/dev/null bs=128M count=1';
const hasSwap = readFileSync('/proc/swaps', 'utf8').trim().split('\n').length > 1;

/** What a file of the cgroup of a pod's app says, v1 or v2; undefined where the machine has no such controller. */
function cgroupFile({ uuid }: RunningPod, data: string, app: string, names: readonly string[]) {
  const pid = readFileSync(join(data, 'pods/run', uuid, `status/${app}-started`), 'utf8').trim();
  const hierarchies = parseHierarchies(
    readFileSync('/proc/self/mountinfo', 'utf8'),
    readFileSync(`/proc/${pid}/cgroup`, 'utf8'),
  );
  const files = hierarchies.flatMap(({ own }) => names.map((name) => join(own, name)));
  const file = files.find((path) => existsSync(path));
  return file && readFileSync(file, 'utf8').trim();
}

test('--memory, --cpu and --cpu-shares are limits of the cgroup of the app', { skip }, async () => {
  using place = await rootsPlace();
  const flags = ['--memory=32Mi', '--cpu=500m', '--cpu-shares=512'];
  using pod = await startPod(place, [place.image, ...flags, '--', 'sleep 100']);
  const file = (...names: string[]) => cgroupFile(pod, place.data, 'box', names);
  assert.equal(file('memory.limit_in_bytes', 'memory.max'), '33554432');
  assert.match(file('cpu.cfs_quota_us', 'cpu.max') ?? '', /^50000( 100000)?$/);
  assert.match(file('cpu.shares', 'cpu.weight') ?? '', /^(512|59)$/);
  place.tsrkt(['stop', pod.uuid]);
  await pod.ended;
});

test('an app that wants more memory than it may have is killed', { skip }, async () => {
  using pod = await podFixture();
  assert.equal(pod.tsrkt(['run', '--net=none', pod.image, '--', EAT]).status, 0);
  const { status } = pod.tsrkt(['run', '--net=none', pod.image, '--memory=16Mi', '--', EAT]);
  assert.equal(status, hasSwap ? status : 137);
});

test('isolators of an image are limits, too, and flags go before them', { skip }, async () => {
  using place = await rootsPlace();
  const image = join(place.path, 'limited.aci');
  const isolators = [
    { name: 'resource/memory', value: { limit: '64Mi' } },
    { name: 'os/linux/cpu-shares', value: 256 },
  ];
  const app = { exec: ['/bin/sh', '-c'], user: '0', group: '0', isolators };
  await makeBox(join(place.path, 'limited'), image, { app });
  using pod = await startPod(place, [image, '--memory=32Mi', '--', 'sleep 100']);
  const file = (...names: string[]) => cgroupFile(pod, place.data, 'box', names);
  assert.equal(file('memory.limit_in_bytes', 'memory.max'), '33554432');
  assert.match(file('cpu.shares', 'cpu.weight') ?? '', /^(256|35)$/);
  place.tsrkt(['stop', pod.uuid]);
  await pod.ended;
});

test('isolators of a pod limit all its apps together; what is only for apps is a warning', {
  skip,
}, async () => {
  using pod = await podFixture();
  const uuid = pod
    .tsrkt(['prepare', pod.image, '--', `cat /proc/sys/net/ipv4/ip_forward; ${EAT}`])
    .stdout.trim();
  const file = join(pod.data, 'pods/prepared', uuid, 'pod');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  const isolators = [
    { name: 'resource/memory', value: { limit: '16Mi' } },
    { name: 'os/unix/sysctl', value: { 'net.ipv4.ip_forward': '1', 'vm.swappiness': '7' } },
    { name: 'os/linux/no-new-privileges', value: true },
  ];
  writeFileSync(file, JSON.stringify({ ...manifest, isolators }));
  const { status, stdout, stderr } = pod.tsrkt(['run-prepared', '--net=none', uuid]);
  assert.deepEqual([status, stdout], [hasSwap ? status : 137, '1\n']);
  assert.deepEqual(stderr.trim().split('\n'), [
    'run-prepared: warning: the pod: isolator os/linux/no-new-privileges is for apps and has no effect on a pod',
    'run-prepared: warning: the pod: sysctl vm.swappiness belongs to the machine and not to the pod, and has no effect',
  ]);
});

test('--caps-retain gives an app that is not root what it retains; --caps-remove takes from root', {
  skip,
}, async () => {
  using pod = await podFixture();
  const run = (...flags: string[]) =>
    pod.tsrkt(['run', '--net=none', pod.image, ...flags, '--', STATUS]).stdout;
  const retained = run('--user=1000', '--group=1000', '--caps-retain=CAP_NET_BIND_SERVICE');
  for (const set of ['CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
    assert.match(retained, new RegExp(`${set}:\t0{13}400\n`), set);
  const removed = run('--caps-remove=CAP_MKNOD,CAP_NET_RAW');
  assert.match(removed, /CapEff:\t00000000a00405fb\n/);
  assert.match(run('--user=1000', '--group=1000'), /CapEff:\t0{16}\n/);
});

test('--seccomp takes the place of the default profile', { skip }, async () => {
  using pod = await podFixture();
  const run = (script: string, ...flags: string[]) =>
    pod.tsrkt(['run', '--net=none', pod.image, ...flags, '--', script]);
  const mkdir = '/bin/busybox mkdir /x';
  assert.equal(run(mkdir).status, 0);
  const { status, stderr } = run(mkdir, '--seccomp=mode=remove,errno=EACCES,mkdir,mkdirat');
  assert.deepEqual([status, stderr], [1, "mkdir: can't create directory '/x': Permission denied\n"]);
  assert.equal(run('/bin/busybox unshare -U true', '--seccomp=mode=retain,@appc.io/all').status, 0);
  const unknown = run('true', '--seccomp=mode=retain,@rkt/nothing');
  assert.deepEqual(
    [unknown.status, unknown.stderr],
    [254, 'run: filter system calls: there is no set "@rkt/nothing"\n'],
  );
});

test('--insecure-options leave out exactly what they name', { skip }, async () => {
  using pod = await podFixture();
  const script = `${STATUS}; ls /proc/kcore -l | cut -c1; touch /proc/sys/kernel/domainname && echo writable`;
  const run = (insecure: string) =>
    pod.tsrkt([
      `--insecure-options=image,${insecure}`,
      'run',
      '--net=none',
      pod.image,
      '--',
      script.replace('cut', '/bin/busybox cut'),
    ]);
  const [, own] = /^CapBnd:\t(.*)$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
  const all = new RegExp(`CapBnd:\\t${own}\\n`);
  const filtered = /Seccomp:\t2\n/;
  const checks = (output: string) => [all.test(output), !filtered.test(output), output.includes('writable')];
  assert.deepEqual(checks(run('none').stdout), [false, false, false]);
  assert.deepEqual(checks(run('capabilities').stdout), [true, false, false]);
  assert.deepEqual(checks(run('seccomp').stdout), [false, true, false]);
  assert.deepEqual(checks(run('paths').stdout), [false, false, true]);
  assert.deepEqual(checks(run('all-run').stdout), [true, true, true]);
});

test('an app can make device nodes and open none but the default ones, unless paths are insecure', {
  skip: NO_PODS || NO_DEVICE,
}, async () => {
  using pod = await podFixture();
  const file = readHostFile(device ?? '');
  const node = file && 'major' in file ? `${file.type} ${file.major} ${file.minor}` : '';
  const script = `/bin/busybox mknod /dev/made ${node} && /bin/busybox head -c1 /dev/zero | wc -c; : < /dev/made && echo opened`;
  const run = (...insecure: string[]) =>
    pod.tsrkt([...insecure, 'run', '--net=none', pod.image, '--', script]);
  const { stdout, stderr } = run();
  assert.equal(stdout, '1\n');
  assert.match(stderr, /can't open \/dev\/made: Operation not permitted/);
  assert.equal(run('--insecure-options=paths').stdout, '1\nopened\n');
});

test('a device of the host as a volume can be opened, to be written only where the volume can', {
  skip: NO_PODS || NO_DEVICE,
}, async () => {
  using pod = await podFixture();
  const run = (readOnly: string) =>
    pod.tsrkt([
      'run',
      '--net=none',
      `--volume=device,kind=host,source=${device}${readOnly}`,
      '--mount=volume=device,target=/dev/device',
      pod.image,
      '--',
      ': < /dev/device && echo readable; : >> /dev/device && echo writable',
    ]).stdout;
  assert.equal(run(''), 'readable\nwritable\n');
  assert.equal(run(',readOnly=true'), 'readable\n');
});

test('a kernel parameter that an image asks for is set in its pod, one of the machine is a warning', {
  skip,
}, async () => {
  using pod = await podFixture();
  const image = join(pod.path, 'tuned.aci');
  const value = { 'net.core.somaxconn': '77', 'kernel.core_pattern': '|/x' };
  const isolators = [{ name: 'os/unix/sysctl', value }];
  await makeBox(join(pod.path, 'tuned'), image, {
    app: { exec: ['/bin/sh', '-c'], user: '0', group: '0', isolators },
  });
  const before = readFileSync('/proc/sys/kernel/core_pattern', 'utf8');
  const { stdout, stderr } = pod.tsrkt([
    'run',
    '--net=none',
    image,
    '--',
    'cat /proc/sys/net/core/somaxconn',
  ]);
  assert.equal(stdout, '77\n');
  assert.match(
    stderr,
    /^run: warning: app "box": sysctl kernel\.core_pattern belongs to the machine and not to/,
  );
  assert.equal(readFileSync('/proc/sys/kernel/core_pattern', 'utf8'), before);
});

const refusals: readonly [flag: string, message: RegExp][] = [
  ['--memory=4095', /^run: --memory: "4095" is too low: at least 4096 bytes$/m],
  ['--memory=lots', /^run: --memory: expected a quantity/m],
  ['--cpu=x', /^run: --cpu: expected a quantity/m],
  ['--cpu-shares=1', /^run: --cpu-shares: expected an integer from 2 to 262144, got "1"$/m],
  ['--seccomp=mode=allow,read', /^run: --seccomp: expected mode=retain or mode=remove/m],
  ['--caps-retain=CAP_FLY', /^run: unknown capability "CAP_FLY"$/m],
];
for (const [flag, message] of refusals)
  test(`tsrkt run refuses ${flag}`, async () => {
    using pod = await podFixture();
    const { status, stderr } = pod.tsrkt(['run', '--net=none', pod.image, flag]);
    assert.equal(status, 254);
    assert.match(stderr, message);
  });
