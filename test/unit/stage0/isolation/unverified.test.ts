import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Isolator } from '../../../../schema/isolator.ts';
import { narrowedIsolators } from '../../../../stage0/isolation/unverified.ts';

const isolator = (name: string, value: unknown) => ({ name, value }) as Isolator;
const retain = (...set: string[]) => isolator('os/linux/capabilities-retain-set', { set });

test('an unverified image gets no capability beyond the default ones', () => {
  const { isolators, warnings } = narrowedIsolators([retain('CAP_KILL', 'CAP_SYS_ADMIN', 'CAP_SYS_PTRACE')]);
  assert.deepEqual(isolators, [retain('CAP_KILL')]);
  assert.deepEqual(warnings, [
    'asks for CAP_SYS_ADMIN, CAP_SYS_PTRACE, which an unverified image does not get: --caps-retain gives it',
  ]);
});

test('an unverified image that asks only for more gets none at all', () => {
  const [only] = narrowedIsolators([retain('CAP_SYS_ADMIN')]).isolators;
  assert.equal(only?.name, 'os/linux/capabilities-remove-set');
});

test('an unverified image brings no system call filter of its own', () => {
  const filter = isolator('os/linux/seccomp-retain-set', { set: ['@appc.io/all'] });
  const { isolators, warnings } = narrowedIsolators([filter]);
  assert.deepEqual(isolators, []);
  assert.match(warnings[0] ?? '', /^has a system call filter of its own/);
});

test('an unverified image may ask for less, and nothing is said', () => {
  const less = [retain('CAP_KILL'), isolator('resource/memory', { limit: '1G' })];
  assert.deepEqual(narrowedIsolators(less), { isolators: less, warnings: [] });
});
