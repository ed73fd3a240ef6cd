import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { bootMachine, type Machine, whyNoSystemd } from './machine.ts';
import { eventually, makeImage, runImage, show, startUnit, UUID } from './pods.ts';

/** Controllers in hierarchies of v1, systemd's books in the unified one: hosts of before 2021, and some containers. */
const isUnified = !existsSync('/sys/fs/cgroup/memory/memory.limit_in_bytes');
const skip = isUnified ? 'no v1 memory controller' : (whyNoSystemd() ?? false);
const suffix = isUnified ? ' (impossible here: the host gives the memory controller to cgroup v2)' : '';
let machine: Machine;

before(async () => {
  if (!skip) machine = await bootMachine({ cgroups: 'hybrid' });
});
after(() => machine?.end());

test(`on a hybrid host an app’s limits are set in the v1 cgroups of a delegated unit${suffix}`, {
  skip,
}, async () => {
  const image = await makeImage(machine, 'app', { script: 'exec sleep 1000' });
  const command = `${runImage(image)} --memory=48Mi`;
  startUnit(machine, 'old.service', [
    `ExecStart=${command}`,
    'Type=notify',
    'Delegate=yes',
    'KillMode=mixed',
  ]);
  const below = `system.slice/old.service/tsrkt-${machine.must(`echo ${UUID}`)}/app`;
  assert.equal(machine.must(`cat /sys/fs/cgroup/memory/${below}/memory.limit_in_bytes`), `${48 << 20}`);
  machine.must('systemctl stop old');
  assert.equal(show(machine, 'old', 'Result')['Result'], 'success');
  assert.equal(machine.run('ls -d /sys/fs/cgroup/*/system.slice/old.service').stdout, '');
});

test(`on a hybrid host a scope is made, and limits are real${suffix}`, { skip }, async () => {
  const greedy = await makeImage(machine, 'greedy', {
    script: 'dd if=/dev/zero of=/dev/null bs=100M count=1; sleep 1000',
  });
  machine.must(`systemd-run --scope -q ${runImage(greedy)} --memory=32Mi > /dev/null 2>&1 &`);
  eventually(machine, 'pgrep -x sleep');
  const uuid = machine.must(`echo ${UUID}`);
  const memory = `/sys/fs/cgroup/memory/machine.slice/tsrkt-${uuid}.scope/tsrkt-${uuid}/greedy`;
  assert.notEqual(machine.must(`sed -n s/^oom_kill.//p ${memory}/memory.oom_control | tail -1`), '0');
  machine.must(`systemctl stop tsrkt-${uuid}.scope`);
});
