import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Hierarchy } from '../../linux/cgroup.ts';
import { waitFor } from '../../linux/wait.ts';
import { makeCgroup } from '../../stage1/cgroup/make.ts';
import { planCgroup, planned } from '../../stage1/cgroup/plan.ts';
import { removeCgroup } from '../../stage1/cgroup/remove.ts';
import { joinCgroup } from '../../stage1/compile/cgroup.ts';
import { failure } from '../../stage1/program/failure.ts';
import { spawn } from '../../stage1/program/spawn.ts';
import { HIERARCHIES, inCgroup, lacks, readFrom, runScript } from './cgroup-run.ts';

const MiB = 1n << 20n;

test('memory: an app that takes more than its limit is killed', { skip: lacks('memory') }, () => {
  inCgroup({ memory: { limit: 32n * MiB, swap: 32n * MiB } }, (cgroup) => {
    const hog = runScript('dd if=/dev/zero of=/dev/null bs=128M count=1', { cgroup });
    assert.equal(hog.status, 137, hog.output);
    const modest = runScript('dd if=/dev/zero of=/dev/null bs=4M count=1', { cgroup });
    assert.equal(modest.status, 0, modest.output);
  });
});

test('pids: a fork bomb stops at its limit', { skip: lacks('pids') }, () => {
  inCgroup({ pids: { limit: 10n } }, (cgroup) => {
    const bomb = 'i=0; while [ $i -lt 40 ]; do sleep 5 & i=$((i+1)); done';
    const { output } = runScript(bomb, { cgroup });
    assert.match(output, /can't fork: Resource temporarily unavailable/);
    const running = readFrom(cgroup, 'pids.current');
    assert.ok(Number(running) <= 10, running);
  });
});

test('pids: an app starts with room for two processes, which a limit of one has not', {
  skip: lacks('pids'),
}, () => {
  inCgroup({ pids: { limit: 2n } }, (cgroup) => assert.equal(runScript('exit 3', { cgroup }).status, 3));
  inCgroup({ pids: { limit: 1n } }, (cgroup) =>
    assert.throws(() => runScript('', { cgroup }), { code: 'EAGAIN' }),
  );
});

test('cpu: a quota throttles', { skip: lacks('cpu') }, () => {
  inCgroup({ cpu: { shares: 512n, quota: 2_000n, period: 20_000n } }, (cgroup) => {
    assert.match(readFrom(cgroup, 'cpu.shares', 'cpu.weight'), /^(512|59)\n$/);
    runScript('i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done', { cgroup });
    const [, throttled = '0'] = /nr_throttled (\d+)/.exec(readFrom(cgroup, 'cpu.stat')) ?? [];
    assert.ok(Number(throttled) > 0);
  });
});

test('cpuset: an app runs on its CPU; what is not chosen is the parent’s', {
  skip: lacks('cpuset'),
}, () => {
  inCgroup({ cpu: { cpus: '0' } }, (cgroup) => {
    const { output } = runScript('grep _allowed_list /proc/self/status', { cgroup });
    assert.match(output, /Cpus_allowed_list:\t0\nMems_allowed_list:\t0/);
  });
});

test('a process joins every hierarchy, its children with it', { skip: lacks('pids') }, () => {
  inCgroup({ pids: { limit: 20n }, memory: { limit: 64n * MiB } }, (cgroup) => {
    const { output } = runScript('cat /proc/self/cgroup', { cgroup });
    const joined = output.split('\n').filter((line) => /\/tsrkt-test-[^/]*\/app$/.test(line));
    assert.equal(joined.length, cgroup.join.length, output);
  });
});

test('a limit the kernel refuses is an error that names it', { skip: lacks('cpu') }, () => {
  assert.throws(() => inCgroup({ cpu: { period: 1n } }, () => {}), {
    code: 'EINVAL',
    message: /^set the CPU quota to "(max )?1": EINVAL \(Invalid argument\)$/,
  });
});

test('a controller this host lacks is a warning, and the app starts', () => {
  inCgroup({ rdma: { mlx5_0: { hcaHandles: 1 } }, memory: { kernel: 1n } }, ({ join }, warnings) => {
    assert.deepEqual(warnings, [
      'the RDMA limit of mlx5_0 does not apply: this host has no cgroup controller "rdma"',
      'the kernel memory limit does not apply: kernels have given it up',
    ]);
    assert.equal(runScript('exit 0', { cgroup: { join } }).status, 0);
  });
});

test('a file this kernel lacks is a warning, one that is expendable is none', {
  skip: lacks('memory', 1),
}, () => {
  const memory = HIERARCHIES.find(({ controllers }) => controllers.includes('memory'))!;
  const fake: Hierarchy = { ...memory, controllers: ['hugetlb'], ownControllers: ['hugetlb'] };
  inCgroup(
    { hugepageLimits: [{ pageSize: '2MB', limit: 0n }] },
    (_, warnings) => {
      assert.deepEqual(warnings, [
        'the 2MB page limit does not apply: the hugetlb controller here has no hugetlb.2MB.limit_in_bytes',
      ]);
    },
    [fake],
  );
});

test('removing kills what is still there, and below, and may be repeated', { skip: lacks('pids') }, () => {
  const plan = planCgroup(
    { path: `tsrkt-test-${process.pid}-left/app`, resources: { pids: { limit: 20n } } },
    HIERARCHIES,
  );
  const { cgroup } = makeCgroup(plan);
  const [directory = ''] = cgroup.join;
  mkdirSync(join(directory, 'own/own'), { recursive: true });
  runScript('sleep 100 & sleep 100 &', { cgroup });
  runScript('sleep 100 &', { cgroup: { join: [join(directory, 'own/own')] } });
  assert.equal(readFileSync(join(directory, 'cgroup.procs'), 'utf8').trim().split('\n').length, 2);
  removeCgroup(planned(plan));
  assert.ok(!existsSync(join(directory, '..')));
  removeCgroup(planned(plan));
});

test('a cgroup that the caller is in is not removed', { skip: lacks('pids') }, () => {
  const own = HIERARCHIES.find(({ controllers }) => controllers.includes('pids'))?.own ?? '';
  assert.throws(() => removeCgroup({ join: [], remove: [own] }), {
    code: 'EBUSY',
    message: /this process is in it/,
  });
});

test('joining fails with the cgroup’s name when it is not there', () => {
  const program = { name: 'app "x"', steps: joinCgroup({ join: ['/sys/fs/cgroup/none/tsrkt'] }) };
  using child = spawn(program, 0, true);
  waitFor(child.pid);
  assert.equal(
    failure(program, child.results())?.message,
    'app "x": join cgroup /sys/fs/cgroup/none/tsrkt: ENOENT (No such file or directory)',
  );
});
