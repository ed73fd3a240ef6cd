import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bootMachine, type Machine, whyNoSystemd } from './machine.ts';
import { eventually, FOREVER, makeImage, runImage, SUPERVISOR, show, startUnit, tsrkt } from './pods.ts';

const skip = whyNoSystemd() ?? false;
const annotations = [{ name: 'appc.io/executor/supports-systemd-notify', value: 'true' }];
let machine: Machine;

before(async () => {
  if (!skip) machine = await bootMachine({ cgroups: 'unified' });
});
after(() => machine?.end());

const notify = ['Type=notify', 'KillMode=mixed', 'TimeoutStartSec=20'];

test('Type=notify is ready when every app was started; STATUS says what runs', { skip }, async () => {
  const image = await makeImage(machine, 'plain', { script: 'env; exec sleep 1000' });
  startUnit(machine, 'plain.service', [`ExecStart=${runImage(image)}`, ...notify]);
  const { ActiveState, StatusText } = show(machine, 'plain', 'ActiveState', 'StatusText');
  assert.deepEqual([ActiveState, StatusText], ['active', 'running plain']);
  machine.must(`${tsrkt} status --wait-ready $(${tsrkt} list --no-legend --full | awk '{print $1}')`);
  const environment = eventually(
    machine,
    'journalctl -u plain -o cat | grep AC_APP_NAME; journalctl -u plain -o cat',
  );
  for (const variable of ['NOTIFY_SOCKET', 'LISTEN_', 'WATCHDOG_', 'JOURNAL_STREAM', 'SYSTEMD_EXEC_PID'])
    assert.ok(!environment.includes(`\n${variable}`), variable);
  machine.must('systemctl stop plain');
});

test('--inherit-env keeps to itself what is between the service manager and its process', {
  skip,
}, async () => {
  const image = await makeImage(machine, 'inherits', { script: 'env' });
  const properties = '-p Type=notify -E MINE=1 -p WatchdogSec=60';
  const command = `systemd-run -q --wait --pipe ${properties} ${runImage(image, '--inherit-env')}`;
  const names = machine
    .must(command)
    .split('\n')
    .map((line) => line.split('=')[0]);
  assert.ok(names.includes('MINE'));
  const managers = names.filter((name) =>
    /^(NOTIFY|WATCHDOG|LISTEN|JOURNAL|SYSTEMD_EXEC)_|INVOCATION_ID/.test(name ?? ''),
  );
  assert.deepEqual(managers, []);
});

test('an annotated app says itself when it is ready, in its own user’s name', { skip }, async () => {
  const script =
    'while ! test -e /dev/shm/go; do sleep 0.1; done; sdapp notify STATUS=warm READY=1; exec sleep 1000';
  const image = await makeImage(machine, 'speaker', { script, annotations, user: '1234' });
  startUnit(machine, 'speaker.service', [`ExecStart=${runImage(image)}`, 'Type=exec']); // a first time, to have it fetched
  machine.must('systemctl stop speaker');
  machine.must(
    `sed -i s/Type=exec/Type=notify/ /etc/systemd/system/speaker.service && systemctl daemon-reload`,
  );
  machine.must('systemctl start --no-block speaker');
  eventually(machine, 'systemctl show speaker -p StatusText | grep "waiting for speaker"');
  const { MainPID = '' } = show(machine, 'speaker', 'MainPID');
  eventually(machine, `grep -q asleep /proc/${MainPID}/cmdline`); // and it still hears
  assert.equal(show(machine, 'speaker', 'ActiveState')['ActiveState'], 'activating');
  machine.must('touch /proc/$(pgrep -u 1234 sh)/root/dev/shm/go');
  eventually(machine, 'systemctl is-active speaker');
  assert.equal(show(machine, 'speaker', 'MainPID')['MainPID'], MainPID);
  machine.must('systemctl stop speaker');
  assert.equal(show(machine, 'speaker', 'Result')['Result'], 'success');
});

test('an app cannot name another main process, leave file descriptors, or stop the unit', {
  skip,
}, async () => {
  const script = 'sdapp notify "MAINPID=1" "STOPPING=1" "FDSTORE=1" "STATUS=evil" "READY=1"; exec sleep 1000';
  const image = await makeImage(machine, 'liar', { script, annotations });
  startUnit(machine, 'liar.service', [`ExecStart=${runImage(image)}`, ...notify, 'FileDescriptorStoreMax=4']);
  const { MainPID, ActiveState, SubState, NFileDescriptorStore } = show(
    machine,
    'liar',
    'MainPID',
    'ActiveState',
    'SubState',
    'NFileDescriptorStore',
  );
  assert.deepEqual([ActiveState, SubState, NFileDescriptorStore], ['active', 'running', '0']);
  assert.equal(MainPID, machine.must(`echo ${SUPERVISOR}`));
  machine.must('systemctl stop liar');
});

test('the watchdog is kept quiet by a sleeping supervisor, and bites when an app that sends keep-alives stops', {
  skip,
}, async () => {
  const quiet = await makeImage(machine, 'quiet', { script: 'exec sleep 1000' });
  startUnit(machine, 'quiet.service', [`ExecStart=${runImage(quiet)}`, ...notify, 'WatchdogSec=6']);
  const { MainPID } = show(machine, 'quiet', 'MainPID');
  eventually(machine, `grep -q asleep /proc/${MainPID}/cmdline`);

  const script = 'sdapp notify READY=1 WATCHDOG=1; exec sleep 1000';
  const hung = await makeImage(machine, 'hung', { script, annotations });
  startUnit(machine, 'hung.service', [`ExecStart=${runImage(hung)}`, ...notify, 'WatchdogSec=2']);
  eventually(machine, '! systemctl is-active hung');
  assert.equal(show(machine, 'hung', 'Result')['Result'], 'watchdog');

  machine.must('sleep 5');
  assert.equal(show(machine, 'quiet', 'ActiveState')['ActiveState'], 'active');
  assert.equal(show(machine, 'quiet', 'MainPID')['MainPID'], MainPID);
  machine.must('systemctl stop quiet');
});

test('a unit reloads until its app says that it has, whoever sent the signal', {
  skip,
}, async () => {
  const image = await makeImage(machine, 'reloads', { script: 'exec sdapp reload 3000 0', annotations });
  const reload = 'ExecReload=/bin/kill -HUP $MAINPID';
  startUnit(machine, 'reloads.service', [`ExecStart=${runImage(image)}`, ...notify, reload]);
  const { MainPID } = show(machine, 'reloads', 'MainPID');
  for (const ask of ['systemctl reload --no-block reloads', `kill -HUP ${MainPID}`]) {
    eventually(machine, `grep -q asleep /proc/${MainPID}/cmdline`);
    machine.must(ask);
    eventually(machine, 'test $(systemctl show reloads -p ActiveState --value) = reloading');
    machine.must('sleep 1');
    assert.equal(show(machine, 'reloads', 'ActiveState')['ActiveState'], 'reloading');
    eventually(machine, 'test $(systemctl show reloads -p ActiveState --value) = active');
  }
  assert.deepEqual(show(machine, 'reloads', 'MainPID', 'Result'), { MainPID, Result: 'success' });
  machine.must('systemctl stop reloads');
});

test('STOPPING is said before the apps have ended', { skip }, async () => {
  const script = `trap "sleep 2; exit 0" TERM; ${FOREVER}`;
  const image = await makeImage(machine, 'slow', { script });
  startUnit(machine, 'slow.service', [`ExecStart=${runImage(image)}`, ...notify]);
  const { MainPID } = show(machine, 'slow', 'MainPID');
  machine.must(`kill -TERM ${MainPID}`); // not by systemd, which would know without being told
  eventually(machine, 'systemctl show slow -p StatusText | grep stopping');
  assert.equal(show(machine, 'slow', 'ActiveState')['ActiveState'], 'deactivating');
  eventually(machine, '! systemctl is-active slow');
});
