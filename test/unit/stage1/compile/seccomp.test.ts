import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Process } from '../../../../schema/runtime-config.ts';
import { loadFilter, untilExecuted } from '../../../../stage1/compile/seccomp.ts';
import { listing } from '../../../../stage1/program/listing.ts';

const process: Process = { args: ['a'], cwd: '/', user: { uid: 1000, gid: 1000 } };

test('a filter is loaded with its length in instructions and its flags by name', () => {
  const flags = ['SECCOMP_FILTER_FLAG_LOG', 'SECCOMP_FILTER_FLAG_SPEC_ALLOW'] as const;
  const step = loadFilter({ program: Buffer.alloc(24), flags, unrestricted: [] });
  assert.equal(
    listing({ name: 'test', steps: [step] }).split('\n')[1],
    'seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG|SECCOMP_FILTER_FLAG_SPEC_ALLOW, {len=3, filter=[…]})',
  );
});

test('until its filter is loaded a process has CAP_SYS_ADMIN, in nothing that execve keeps', () => {
  const capabilities = {
    bounding: ['CAP_KILL'],
    effective: ['CAP_KILL'],
    permitted: ['CAP_KILL'],
    ambient: [],
  };
  assert.deepEqual(untilExecuted({ ...process, capabilities }).capabilities, {
    bounding: ['CAP_KILL'],
    ambient: [],
    effective: ['CAP_KILL', 'CAP_SYS_ADMIN'],
    permitted: ['CAP_KILL', 'CAP_SYS_ADMIN'],
  });
  assert.deepEqual(untilExecuted(process).capabilities?.effective, ['CAP_SYS_ADMIN']);
});

test('a root that keeps everything has it already', () => {
  const root = { ...process, user: { uid: 0, gid: 0 } };
  assert.equal(untilExecuted(root), root);
});
