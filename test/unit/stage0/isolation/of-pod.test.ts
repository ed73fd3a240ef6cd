import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isolators } from '../../../../schema/isolator.ts';
import { devicePolicy } from '../../../../stage0/isolation/device-policy.ts';
import { podIsolation } from '../../../../stage0/isolation/of-pod.ts';

const choices = { hostNetwork: false, hostIpc: false, blockDevices: () => [] };
const selinux = { user: 'system_u', role: 'system_r', type: 'dhcpc_t', level: 's0' };

test('podIsolation() gives the pod its limits and kernel parameters', () => {
  const own = isolators([
    { name: 'resource/memory', value: { limit: '1Gi' } },
    { name: 'os/unix/sysctl', value: { 'net.core.somaxconn': '1' } },
  ]);
  assert.deepEqual(podIsolation({ isolators: own }, [], choices), {
    sysctl: { 'net.core.somaxconn': '1' },
    resources: { memory: { limit: 1_073_741_824n } },
    warnings: [],
  });
});

test('podIsolation() names every isolator that has no effect, once', () => {
  const pod = isolators([
    { name: 'os/linux/selinux-context', value: selinux },
    { name: 'os/linux/oom-score-adj', value: 0 },
    { name: 'os/linux/capabilities-retain-set', value: { set: ['CAP_KILL'] } },
  ]);
  const ofApp = isolators([
    { name: 'resource/network-bandwidth', value: { default: true, limit: '1G' } },
    { name: 'resource/network-bandwidth', value: { default: true, limit: '2G' } },
    { name: 'os/linux/apparmor-profile', value: { profile: 'x' } },
    { name: 'resource/memory', value: { limit: '1Gi' } },
  ]);
  assert.deepEqual(podIsolation({ isolators: pod }, [{ name: 'web', isolators: ofApp }], choices).warnings, [
    'the pod: isolator os/linux/selinux-context is not supported and has no effect',
    'the pod: isolator os/linux/oom-score-adj is for apps and has no effect on a pod',
    'the pod: isolator os/linux/capabilities-retain-set is for apps and has no effect on a pod',
    'app "web": isolator resource/network-bandwidth is not supported and has no effect',
    'app "web": isolator os/linux/apparmor-profile is not supported and has no effect',
  ]);
});

test('devicePolicy() denies all devices but those that are volumes, which can be read, or written too', () => {
  assert.deepEqual(devicePolicy([]), [{ allow: false, access: 'rwm' }]);
  const zram = { type: 'b', major: 252, minor: 0 } as const;
  assert.deepEqual(
    devicePolicy([
      { ...zram, readOnly: true },
      { ...zram, minor: 1, readOnly: false },
    ]).slice(1),
    [
      { allow: true, ...zram, access: 'r' },
      { allow: true, ...zram, minor: 1, access: 'rw' },
    ],
  );
});
