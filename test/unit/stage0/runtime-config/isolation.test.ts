import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CAPABILITIES } from '../../../../linux/capability.ts';
import { isolators } from '../../../../schema/isolator.ts';
import { capabilitySets } from '../../../../stage0/runtime-config/capabilities.ts';
import { type IsolationChoices, isolationOf } from '../../../../stage0/runtime-config/isolation.ts';

const choices: IsolationChoices = { allCapabilities: false, insecureSeccomp: false, blockDevices: () => [] };

test('isolationOf() reads the isolators that concern the process', () => {
  const isolation = isolationOf(
    isolators([
      { name: 'os/linux/capabilities-remove-set', value: { set: ['CAP_MKNOD'] } },
      { name: 'os/linux/no-new-privileges', value: false },
      { name: 'os/linux/no-new-privileges', value: true },
      { name: 'os/linux/oom-score-adj', value: -5 },
      { name: 'os/linux/seccomp-remove-set', value: { set: ['@rkt/default-blacklist'], errno: 'EACCES' } },
    ]),
    choices,
  );
  assert.deepEqual(isolation, {
    capabilities: { kind: 'remove', set: ['CAP_MKNOD'] },
    seccomp: { kind: 'remove', set: ['@rkt/default-blacklist'], errno: 'EACCES' },
    noNewPrivileges: true,
    oomScoreAdj: -5,
    resources: {},
  });
  assert.equal(
    capabilitySets(isolation.capabilities, 0, CAPABILITIES).bounding?.includes('CAP_MKNOD'),
    false,
  );
});

test('isolationOf() of an app that says nothing is the default', () => {
  assert.deepEqual(isolationOf([], choices), {
    capabilities: { kind: 'default' },
    seccomp: { kind: 'default' },
    noNewPrivileges: false,
    oomScoreAdj: undefined,
    resources: {},
  });
});

test('isolationOf() refuses capabilities both retained and removed', () => {
  const both = isolators([
    { name: 'os/linux/capabilities-remove-set', value: { set: ['CAP_MKNOD'] } },
    { name: 'os/linux/capabilities-retain-set', value: { set: ['CAP_MKNOD'] } },
  ]);
  assert.throws(() => isolationOf(both, choices), { code: 'ERR_ISOLATOR' });
});

test('isolationOf() leaves out what --insecure-options names, whatever the isolators say', () => {
  const list = isolators([
    { name: 'os/linux/capabilities-retain-set', value: { set: ['CAP_MKNOD'] } },
    { name: 'os/linux/seccomp-retain-set', value: { set: ['read'] } },
  ]);
  const { capabilities } = isolationOf(list, { ...choices, allCapabilities: true });
  assert.deepEqual(capabilities, { kind: 'all' });
  assert.deepEqual(isolationOf(list, { ...choices, insecureSeccomp: true }).seccomp, { kind: 'all' });
});
