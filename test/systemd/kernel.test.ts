import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bootKernel, whyNoKernel } from './kernel.ts';
import type { Machine } from './machine.ts';
import { eventually, makeImage, runImage, show, startUnit } from './pods.ts';

/** cgroup v2 with controllers, on a kernel of its own: what is delegated, and that limits are real. */
const skip = whyNoKernel() ?? false;
let machine: Machine;
let sleeper: string;

before(async () => {
  if (skip) return;
  machine = bootKernel();
  sleeper = await makeImage(machine, 'sleeper', { script: 'exec sleep 1000' });
});
after(() => machine?.end());

const delegated = ['Type=notify', 'Delegate=yes', 'KillMode=mixed', 'TimeoutStartSec=60'];
/** The UUID of the pod that was started last; a kernel in a process is slow to run tsrkt. */
const NEWEST = 'ls -t /var/lib/tsrkt/pods/run | head -1';
const read = (file: string) => machine.must(`cat /sys/fs/cgroup/${file}`);

test('a delegated unit’s limit is the pod’s, and an app’s own limit is below it', { skip }, () => {
  const command = `${runImage(sleeper)} --memory=48Mi --cpu=500m`;
  startUnit(machine, 'limited.service', [
    `ExecStart=${command}`,
    ...delegated,
    'MemoryMax=256M',
    'TasksMax=64',
  ]);
  const unit = 'system.slice/limited.service';
  const app = `${unit}/tsrkt-${machine.must(NEWEST)}/sleeper`;
  assert.equal(read(`${unit}/memory.max`), `${256 << 20}`);
  assert.equal(read(`${unit}/pids.max`), '64');
  assert.deepEqual(read(`${unit}/cgroup.subtree_control`).split(' ').sort(), ['cpu', 'memory']);
  assert.equal(read(`${app}/memory.max`), `${48 << 20}`);
  assert.equal(read(`${app}/cpu.max`), '50000 100000');
  assert.equal(read(`${app}/cgroup.procs`), machine.must('pgrep -x sleep'));
  assert.equal(read(`${unit}/cgroup.procs`), '');
  machine.must('systemctl stop limited');
  assert.equal(machine.run(`ls -d /sys/fs/cgroup/${unit}`).status, 2);
});

test('an app that takes more memory than it may is killed, and the unit sees that', { skip }, async () => {
  const greedy = await makeImage(machine, 'greedy', {
    script: 'exec dd if=/dev/zero of=/dev/null bs=100M count=1',
  });
  startUnit(machine, 'greedy.service', [
    `ExecStart=${runImage(greedy)} --memory=32Mi`,
    'Type=exec',
    'Delegate=yes',
  ]);
  eventually(machine, '! systemctl is-active greedy', 30);
  const { ExecMainCode, ExecMainStatus } = show(machine, 'greedy', 'ExecMainCode', 'ExecMainStatus');
  assert.deepEqual([ExecMainCode, ExecMainStatus], ['2', '9']); // CLD_KILLED, SIGKILL
});

test('outside of a service the scope has the controllers that the app’s limits need', { skip }, () => {
  machine.must(`systemd-run --scope -q ${runImage(sleeper)} --memory=64Mi > /dev/null 2>&1 &`);
  eventually(machine, 'pgrep -x sleep', 60);
  const uuid = machine.must(NEWEST);
  const scope = `machine.slice/tsrkt-${uuid}.scope`;
  eventually(machine, `test -e /sys/fs/cgroup/${scope}/tsrkt-${uuid}/sleeper/memory.max`, 30);
  assert.equal(read(`${scope}/tsrkt-${uuid}/sleeper/memory.max`), `${64 << 20}`);
  machine.must(`systemctl stop tsrkt-${uuid}.scope`);
});

test('without Delegate= nothing is made, and the limit is said not to apply', { skip }, () => {
  startUnit(machine, 'plain.service', [
    `ExecStart=${runImage(sleeper)} --memory=48Mi`,
    'Type=notify',
    'KillMode=mixed',
  ]);
  assert.equal(machine.must('find /sys/fs/cgroup/system.slice/plain.service -mindepth 1 -type d'), '');
  assert.match(machine.must('journalctl -o cat -u plain'), /no limits.*Delegate=yes in the unit/);
  machine.must('systemctl stop plain');
});
