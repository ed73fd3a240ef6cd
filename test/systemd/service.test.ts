import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bootMachine, type Machine, whyNoSystemd } from './machine.ts';
import { eventually, FOREVER, makeImage, runImage, SUPERVISOR, show, startUnit, tsrkt } from './pods.ts';

const skip = whyNoSystemd() ?? false;
let machine: Machine;
let images: Record<
  'sleeper' | 'polite' | 'stubborn' | 'ending' | 'failing' | 'aborting' | 'reloading',
  string
>;

before(async () => {
  if (skip) return;
  machine = await bootMachine({ cgroups: 'unified' });
  images = {
    sleeper: await makeImage(machine, 'sleeper', { script: 'exec sleep 1000' }),
    polite: await makeImage(machine, 'polite', { script: `trap "exit 0" TERM; ${FOREVER}` }),
    stubborn: await makeImage(machine, 'stubborn', { script: `trap "" TERM; ${FOREVER}` }),
    ending: await makeImage(machine, 'ending', { script: 'exit 0' }),
    failing: await makeImage(machine, 'failing', { script: 'exit 7' }),
    aborting: await makeImage(machine, 'aborting', { script: 'kill -ABRT $$' }),
    reloading: await makeImage(machine, 'reloading', { script: `trap "echo read again" HUP; ${FOREVER}` }),
  };
});
after(() => machine?.end());

const mixed = ['Type=exec', 'KillMode=mixed'];

/** Nothing of a unit is left: no process, no cgroup, no pod that runs. */
function assertNothingLeft(unit: string): void {
  assert.equal(machine.run(`ls -d /sys/fs/cgroup/system.slice/${unit}`).status, 2);
  assert.equal(machine.run('pgrep -x sleep').stdout, '');
  assert.equal(machine.must(`${tsrkt} list --no-legend | grep -c running; true`), '0');
}

test('systemd-run --slice=machine tsrkt run is a unit whose main process is the supervisor', { skip }, () => {
  machine.must(`systemd-run --slice=machine --unit=adhoc ${runImage(images.sleeper)}`);
  eventually(machine, `${tsrkt} list | grep running`);
  const { MainPID, ControlGroup } = show(machine, 'adhoc', 'MainPID', 'ControlGroup');
  assert.equal(machine.must(`echo ${SUPERVISOR}`), MainPID);
  assert.equal(ControlGroup, '/machine.slice/adhoc.service');
  machine.must('systemctl stop adhoc');
  assertNothingLeft('adhoc.service');
});

test('the main process stays the same while the supervisor sleeps and wakes', { skip }, () => {
  startUnit(machine, 'asleep.service', [`ExecStart=${runImage(images.sleeper)}`, ...mixed]);
  const { MainPID } = show(machine, 'asleep', 'MainPID');
  eventually(machine, `grep -q asleep /proc/${MainPID}/cmdline`);
  machine.must('systemctl kill --kill-whom=main -s USR1 asleep'); // which ends the app, and so the pod
  eventually(machine, '! systemctl is-active asleep');
  const { ExecMainPID, ExecMainCode, ExecMainStatus } = show(
    machine,
    'asleep',
    'ExecMainPID',
    'ExecMainCode',
    'ExecMainStatus',
  );
  assert.deepEqual([ExecMainPID, ExecMainCode, ExecMainStatus], [MainPID, '2', '10']); // CLD_KILLED, SIGUSR1
});

test('systemctl stop ends an app by SIGTERM, and the unit has not failed', { skip }, () => {
  for (const image of [images.sleeper, images.polite]) {
    startUnit(machine, 'stopped.service', [`ExecStart=${runImage(image)}`, ...mixed]);
    eventually(machine, `${tsrkt} list | grep running`);
    machine.must('systemctl stop stopped');
    const { ActiveState, Result } = show(machine, 'stopped', 'ActiveState', 'Result');
    assert.deepEqual([ActiveState, Result], ['inactive', 'success']);
    assertNothingLeft('stopped.service');
  }
});

test('systemctl stop kills what does not stop in time', { skip }, () => {
  const unit = 'stubborn.service';
  startUnit(machine, unit, [`ExecStart=${runImage(images.stubborn)}`, ...mixed, 'TimeoutStopSec=1']);
  eventually(machine, `${tsrkt} list | grep running`);
  machine.must('systemctl stop stubborn');
  assert.equal(show(machine, unit, 'Result')['Result'], 'timeout');
  assertNothingLeft(unit);
});

test('KillMode=control-group, systemd’s default, stops a pod as well', { skip }, () => {
  startUnit(machine, 'group.service', [`ExecStart=${runImage(images.sleeper)}`]);
  eventually(machine, `${tsrkt} list | grep running`);
  machine.must('systemctl stop group');
  assert.equal(show(machine, 'group', 'Result')['Result'], 'success');
  assertNothingLeft('group.service');
});

test('an exit status and a deadly signal of an app reach systemd unchanged', { skip }, () => {
  const ended = (image: string) => {
    machine.run(`systemd-run --wait --unit=ended ${runImage(image)}`);
    const { ExecMainCode, ExecMainStatus } = show(machine, 'ended', 'ExecMainCode', 'ExecMainStatus');
    machine.must('systemctl reset-failed ended');
    return [ExecMainCode, ExecMainStatus];
  };
  assert.deepEqual(ended(images.failing), ['1', '7']); // CLD_EXITED
  assert.deepEqual(ended(images.aborting), ['2', '6']); // CLD_KILLED, SIGABRT
});

test('Restart=on-failure starts a new pod when an app fails, Restart=always also when it ends well', {
  skip,
}, () => {
  for (const [restart, image] of [
    ['on-failure', images.failing],
    ['always', images.failing],
    ['always', images.ending],
  ] as const) {
    const lines = [`ExecStart=${runImage(image)}`, 'RestartSec=50ms', `Restart=${restart}`];
    startUnit(machine, 'again.service', [...lines, 'Type=simple']);
    eventually(machine, 'test $(systemctl show again -p NRestarts --value) -ge 2');
    machine.run('systemctl stop again; systemctl reset-failed again');
  }
});

test('systemctl reload passes SIGHUP on to the apps', { skip }, () => {
  startUnit(machine, 'reload.service', [
    `ExecStart=${runImage(images.reloading)}`,
    'ExecReload=/bin/kill -HUP $MAINPID',
    ...mixed,
  ]);
  eventually(machine, `${tsrkt} list | grep running`);
  machine.must('systemctl reload reload');
  eventually(machine, 'journalctl -u reload -o cat | grep "read again"');
  assert.equal(machine.must('systemctl is-active reload'), 'active');
  machine.must('systemctl stop reload');
});

test('systemctl kill of the whole unit ends the pod', { skip }, () => {
  startUnit(machine, 'killed.service', [`ExecStart=${runImage(images.sleeper)}`, ...mixed]);
  eventually(machine, `${tsrkt} list | grep running`);
  machine.must('systemctl kill -s KILL killed');
  eventually(machine, '! systemctl is-active killed');
  assertNothingLeft('killed.service');
});
