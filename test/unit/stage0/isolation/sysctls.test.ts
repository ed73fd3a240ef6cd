import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isolators } from '../../../../schema/isolator.ts';
import type { Sysctl } from '../../../../schema/sysctl.ts';
import { planSysctls } from '../../../../stage0/isolation/sysctls.ts';

const own = { hostNetwork: false, hostIpc: false };
const list = (sysctl: Sysctl) => isolators([{ name: 'os/unix/sysctl', value: sysctl }]);
const app = (name: string, sysctl: Sysctl) => ({ app: name, isolators: list(sysctl) });

test('planSysctls() takes what belongs to the namespaces of a pod', () => {
  const sysctl = {
    'net.ipv4.ip_forward': '1',
    'net/ipv4/conf/eth0.1/rp_filter': '2',
    'kernel.shmmax': '1',
    'fs.mqueue.msg_max': '9',
  };
  assert.deepEqual(planSysctls(list(sysctl), [], own), { sysctl, warnings: [] });
});

test('planSysctls() writes a name with slashes as one with dots', () => {
  const { sysctl } = planSysctls(list({ 'kernel/shmmax': '1' }), [], own);
  assert.deepEqual(sysctl, { 'kernel.shmmax': '1' });
});

for (const name of [
  'kernel.core_pattern',
  'vm.swappiness',
  'kernel.shmmax_',
  'fs.file-max',
  'network.x',
  'kernel/modprobe',
])
  test(`planSysctls() leaves out ${name}, which is the machine's, and says so`, () => {
    const { sysctl, warnings } = planSysctls([], [app('web', { [name]: '1' })], own);
    assert.deepEqual(sysctl, {});
    const shown = name.replace('/', '.');
    assert.deepEqual(warnings, [
      `app "web": sysctl ${shown} belongs to the machine and not to the pod, and has no effect`,
    ]);
  });

test('planSysctls() gives nobody what belongs to a namespace of the host', () => {
  const wanted = list({ 'net.core.somaxconn': '9', 'kernel.msgmax': '9' });
  assert.deepEqual(planSysctls(wanted, [], { ...own, hostNetwork: true }).sysctl, { 'kernel.msgmax': '9' });
  const { sysctl, warnings } = planSysctls(wanted, [], { ...own, hostIpc: true });
  assert.deepEqual(sysctl, { 'net.core.somaxconn': '9' });
  assert.match(warnings[0] ?? '', /^the pod: sysctl kernel\.msgmax /);
});

test('planSysctls() lets the pod decide over its apps, and refuses apps that contradict each other', () => {
  const [one, two] = [app('one', { 'net.core.somaxconn': '1' }), app('two', { 'net.core.somaxconn': '2' })];
  const pod = list({ 'net.core.somaxconn': '3' });
  assert.deepEqual(planSysctls(pod, [one, two], own).sysctl, { 'net.core.somaxconn': '3' });
  assert.throws(() => planSysctls([], [one, two], own), {
    code: 'ERR_ISOLATOR',
    message: 'apps "one" and "two" are in one pod and want different values of net.core.somaxconn',
  });
  assert.deepEqual(planSysctls([], [one, { ...one, app: 'three' }], own).sysctl, {
    'net.core.somaxconn': '1',
  });
});
