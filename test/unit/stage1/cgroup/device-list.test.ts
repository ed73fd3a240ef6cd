import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeviceCgroup } from '../../../../schema/runtime/resources.ts';
import { deviceWrites } from '../../../../stage1/cgroup/device-list.ts';
import { deviceRules } from '../../../../stage1/cgroup/device-rule.ts';

const DENY_ALL: DeviceCgroup = { allow: false, access: 'rwm' };
const writes = (...given: DeviceCgroup[]) =>
  deviceWrites(deviceRules(given)).map(({ file, content }) => `${file} ${content}`);

test('rules are written in the order of the config, the default devices behind them', () => {
  const lines = writes(DENY_ALL, { allow: true, type: 'c', major: 10, minor: 229, access: 'rw' });
  assert.deepEqual(lines.slice(0, 4), [
    'devices.deny a *:* rwm',
    'devices.allow c 10:229 rw',
    'devices.allow c *:* m',
    'devices.allow b *:* m',
  ]);
  assert.equal(lines.at(-1), 'devices.allow c 136:* rwm');
});

test('a rule with type "a" and numbers is about block and character devices, not about everything', () => {
  const lines = writes(DENY_ALL, { allow: true, type: 'a', major: 8, access: 'r' });
  assert.deepEqual(lines.slice(1, 3), ['devices.allow b 8:* r', 'devices.allow c 8:* r']);
});

test('no rules, no writes', () => {
  assert.deepEqual(writes(), []);
});

test('a hole in what is allowed cannot be had from cgroup v1: refused, not ignored', () => {
  const tty: DeviceCgroup = { allow: true, type: 'c', major: 4, access: 'rw' };
  assert.throws(() => writes(DENY_ALL, tty, { allow: false, type: 'c', major: 4, minor: 64, access: 'w' }), {
    code: 'ERR_DEVICE_RULE',
    message: 'set device rules: cgroup v1 cannot deny c 4:64 w within c 4:* rw',
  });
  assert.doesNotThrow(() => writes(DENY_ALL, tty, { ...tty, allow: false }));
});

test('allowed by default, denied devices are the exceptions', () => {
  const lines = writes({ allow: false, type: 'b', major: 8, access: 'rwm' });
  assert.equal(lines[0], 'devices.deny b 8:* rwm');
});
