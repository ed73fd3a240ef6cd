import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { bootMachine, type Machine, whyNoSystemd } from './machine.ts';
import {
  endPods,
  eventually,
  makeImage,
  PAUSE,
  runImage,
  SUPERVISOR,
  show,
  startUnit,
  tsrkt,
  UUID,
} from './pods.ts';

const skip = whyNoSystemd() ?? false;
let machine: Machine;
let image: string;

before(async () => {
  if (skip) return;
  machine = await bootMachine({ cgroups: 'unified' });
  image = await makeImage(machine, 'app', { script: 'exec sleep 1000' });
});
afterEach(() => {
  if (!skip) endPods(machine);
});
after(() => machine?.end());

/** The cgroup of a process, in bash. */
const cgroupOf = (pid: string) => machine.must(`sed -n s/^0:://p /proc/${pid}/cgroup`);
const app = '$(pgrep -x sleep)';

test('in a delegated unit the app, the supervisor and the pod’s first process are in cgroups below it', {
  skip,
}, () => {
  startUnit(machine, 'deep.service', [
    `ExecStart=${runImage(image)}`,
    'Type=notify',
    'Delegate=yes',
    'KillMode=mixed',
  ]);
  assert.equal(cgroupOf(`${SUPERVISOR}`), '/system.slice/deep.service/supervisor');
  assert.match(cgroupOf(app), /^\/system.slice\/deep.service\/.*[0-9a-f]{8}-.*\/app$/);
  assert.match(cgroupOf(PAUSE), /^\/system.slice\/deep.service\//);
  machine.must('systemctl stop deep');
  assert.equal(machine.run('ls -d /sys/fs/cgroup/system.slice/deep.service').status, 2);
});

test('in a unit that is not delegated nothing is made, and a warning says what to do', { skip }, () => {
  startUnit(machine, 'flat.service', [`ExecStart=${runImage(image)}`, 'Type=notify', 'KillMode=mixed']);
  for (const pid of [`${SUPERVISOR}`, app]) assert.equal(cgroupOf(pid), '/system.slice/flat.service');
  assert.equal(machine.must('find /sys/fs/cgroup/system.slice/flat.service -mindepth 1 -type d'), '');
  assert.match(machine.must('journalctl -o cat -u flat'), /Delegate=yes in the unit/);
  assert.equal(machine.must(`grep -c 'CapBnd:.*[89a-f]......$' /proc/${app}/status; true`), '0'); // bit 27, CAP_MKNOD
  machine.must('systemctl stop flat');
});

test('outside of a service the pod gets a scope in machine.slice, which ends with it', { skip }, () => {
  machine.must(`systemd-run --scope --unit=session-7 -q ${runImage(image)} > /dev/null 2>&1 &`);
  eventually(machine, `${tsrkt} list | grep running`);
  const uuid = machine.must(`echo ${UUID}`);
  const scope = `tsrkt-${uuid}.scope`;
  const { ControlGroup, Delegate, Description } = show(
    machine,
    scope,
    'ControlGroup',
    'Delegate',
    'Description',
  );
  assert.deepEqual(
    [ControlGroup, Delegate, Description],
    [`/machine.slice/${scope}`, 'yes', `tsrkt pod ${uuid}`],
  );
  assert.equal(cgroupOf(`${SUPERVISOR}`), `/machine.slice/${scope}/supervisor`);
  assert.ok(cgroupOf(app).startsWith(`/machine.slice/${scope}/`));
  machine.must(`systemctl stop ${scope}`);
  assert.equal(machine.run('pgrep -x sleep').stdout, '');
  eventually(machine, `! systemctl status ${scope} > /dev/null 2>&1`);
});

test('machinectl lists, shows and terminates pods', { skip }, () => {
  startUnit(machine, 'machine.service', [
    `ExecStart=${runImage(image)}`,
    'Type=notify',
    'Delegate=yes',
    'KillMode=mixed',
  ]);
  const uuid = machine.must(`echo ${UUID}`);
  const name = `tsrkt-${uuid}`;
  eventually(machine, `machinectl list | grep "${name}  *container tsrkt"`);
  const status = machine.must(`machinectl status ${name}`);
  assert.match(status, new RegExp(uuid.replaceAll('-', '')));
  assert.match(status, /Unit: machine\.service/);
  assert.equal(machine.must(`machinectl show ${name} -p Leader --value`), machine.must(`echo ${PAUSE}`));
  machine.must(`machinectl terminate ${name}`);
  eventually(machine, '! systemctl is-active machine');
  assert.equal(show(machine, 'machine', 'Result')['Result'], 'success');
  assert.equal(machine.must('machinectl list --no-legend'), '');
});

test('a pod that ends is no machine any more, although its unit lives on', { skip }, async () => {
  const short = await makeImage(machine, 'short', { script: 'sleep 1' });
  machine.must(`systemd-run --unit=shell -p Delegate=yes sh -c '${runImage(short)}; sleep 100'`);
  eventually(machine, 'machinectl list --no-legend | grep tsrkt');
  eventually(machine, '! machinectl list --no-legend | grep tsrkt');
  assert.equal(machine.must('systemctl is-active shell'), 'active');
  machine.must('systemctl stop shell');
});
