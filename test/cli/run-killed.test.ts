import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasCode } from '../../linux/system-error.ts';
import { runProgram } from './executable.ts';
import { NO_PODS } from './pod-image.ts';
import { directoryOf, type Place, type RunningPod, rootsPlace, see, startPod, until } from './running-pod.ts';

const skip = NO_PODS;

/** What a pod has on the host beside its directory. */
function traces(pod: Place, running: RunningPod) {
  const [network] = JSON.parse(readFileSync(join(directoryOf(pod, running), 'net-info.json'), 'utf8'));
  return () => ({
    link: runProgram('ip', ['route', 'show', `${network.ip}`]).stdout.includes('dev veth'),
    rules: runProgram('iptables-save', ['-t', 'nat']).stdout.includes(running.uuid),
    lease: existsSync(join('/var/lib/cni/networks', network.netName, network.ip)),
  });
}

const ALL = { link: true, rules: true, lease: true };
const NONE = { link: false, rules: false, lease: false };

async function startWithNetwork(pod: Place) {
  const running = await startPod(pod, ['--net=default', pod.image, '--', 'sleep 1000 & sleep 1000']);
  const left = traces(pod, running);
  assert.deepEqual(left(), ALL);
  return { running, left };
}

/** A supervisor that has had nothing to do for two seconds is another program. */
async function fallAsleep({ child, uuid }: RunningPod): Promise<void> {
  const asleep = `stage1\0asleep\0${uuid}\0`;
  await until('the supervisor sleeps', () => readFileSync(`/proc/${child.pid}/cmdline`, 'utf8') === asleep);
}

for (const state of ['awake', 'asleep'])
  test(`a supervisor killed while ${state} leaves no process and no mount, and gc takes its network down`, {
    skip,
  }, async () => {
    using pod = await rootsPlace();
    const { running, left } = await startWithNetwork(pod);
    using _running = running;
    if (state === 'asleep') await fallAsleep(running);
    const pause = readFileSync(join(directoryOf(pod, running), 'pid'), 'utf8').trim();
    const namespace = namespaceOf(pause) ?? '';
    assert.equal(processesOf(namespace).length, 3); // the first, the app and its child

    running.child.kill('SIGKILL');
    assert.equal(await running.ended, null);
    await until('its processes are gone', () => processesOf(namespace).length === 0);
    assert.equal(readFileSync('/proc/self/mountinfo', 'utf8').includes(pod.data), false);
    assert.match(pod.tsrkt(['list', '--no-legend']).stdout, / exited /);

    const gc = pod.tsrkt(['gc', '--grace-period=0s']);
    assert.equal(gc.status, 0, gc.stderr);
    assert.deepEqual(left(), NONE);
    assert.equal(pod.tsrkt(['list', '--no-legend']).stdout, '');
    assert.equal(existsSync(join(pod.data, 'pods/garbage', running.uuid)), false);
  });

test('a pod that ends takes its network down itself', { skip }, async () => {
  using pod = await rootsPlace();
  const { running, left } = await startWithNetwork(pod);
  using _running = running;
  running.child.kill('SIGTERM');
  assert.equal(await running.ended, 143);
  assert.deepEqual(left(), NONE);
});

test('a sleeping supervisor wakes up for signals and for the end of its apps', { skip }, async () => {
  using pod = await rootsPlace();
  const script = 'trap "echo got HUP" HUP; trap "exit 8" TERM; echo ready; while :; do sleep 0.2; done';
  using running = await startPod(pod, [pod.image, '--', script]);
  await see(running, /ready/);
  await fallAsleep(running);
  running.child.kill('SIGHUP');
  await see(running, /got HUP/);
  await fallAsleep(running);
  assert.equal(pod.tsrkt(['stop', running.uuid]).status, 0);
  assert.equal(await running.ended, 8);
});

test("a pod's directory is locked as long as the pod lives, awake or asleep", { skip }, async () => {
  using pod = await rootsPlace();
  using running = await startPod(pod, [pod.image, '--', 'sleep 4']);
  const isLocked = () => runProgram('flock', ['--nonblock', directoryOf(pod, running), 'true']).status === 1;
  assert.equal(isLocked(), true);
  await fallAsleep(running);
  assert.equal(isLocked(), true);
  assert.equal(await running.ended, 0);
  assert.equal(isLocked(), false);
});

test('a supervisor that fails ends the pod, apps that still run included', { skip }, async () => {
  using pod = await rootsPlace();
  const apps = [pod.image, '--name=a', '--', 'sleep 1000', '---', pod.image, '--name=b', '--', 'sleep 1'];
  using running = await startPod(pod, apps);
  rmSync(join(directoryOf(pod, running), 'status'), { recursive: true });
  assert.equal(await running.ended, 254);
  await see(running, /^stage1: .*ENOENT/m);
  assert.match(pod.tsrkt(['status', running.uuid]).stdout, /^state=exited\n/);
});

test('tsrkt stop --force ends a pod that would not listen, at once', { skip }, async () => {
  using pod = await rootsPlace();
  const deaf = 'trap "" TERM INT; echo ready; while :; do sleep 0.05; done';
  using running = await startPod(pod, [pod.image, '--', deaf]);
  await see(running, /ready/);
  const begin = performance.now();
  assert.equal(pod.tsrkt(['stop', '--force', running.uuid.slice(0, 9)]).stdout, `"${running.uuid}"\n`);
  assert.equal(await running.ended, null);
  assert.ok(performance.now() - begin < 9000);
  assert.match(pod.tsrkt(['status', '--wait', running.uuid]).stdout, /^state=exited\n/);
});

/** The processes in this PID namespace. */
function processesOf(namespace: string): readonly string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && namespaceOf(name) === namespace);
}

/** What identifies the PID namespace of a process; undefined when it is gone, a zombie, or none of ours. */
function namespaceOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES')) return undefined;
    throw error;
  }
}
