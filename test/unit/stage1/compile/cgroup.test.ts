import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinCgroup } from '../../../../stage1/compile/cgroup.ts';
import { listing } from '../../../../stage1/program/listing.ts';

test('a process joins a cgroup in each hierarchy by writing 0, itself', () => {
  const steps = joinCgroup({ join: ['/sys/fs/cgroup/pids/a', '/sys/fs/cgroup/cpu/a'] });
  assert.deepEqual(listing({ name: 'test', steps }).split('\n').slice(1, 4), [
    'openat(AT_FDCWD, "/sys/fs/cgroup/pids/a/cgroup.procs", O_WRONLY|O_CLOEXEC, 0) = /sys/fs/cgroup/pids/a/cgroup.procs',
    'write(/sys/fs/cgroup/pids/a/cgroup.procs, "0", 1)',
    'close(/sys/fs/cgroup/pids/a/cgroup.procs)',
  ]);
  assert.equal(steps.length, 6);
});

test('without hierarchies there is nothing to join', () => {
  assert.deepEqual(joinCgroup({ join: [] }), []);
});
