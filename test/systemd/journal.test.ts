import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bootMachine, type Machine, whyNoSystemd } from './machine.ts';
import { eventually, makeImage, runImage, SUPERVISOR, show, startUnit, tsrkt } from './pods.ts';

const skip = whyNoSystemd() ?? false;
let machine: Machine;
let uuid: string;

before(async () => {
  if (skip) return;
  machine = await bootMachine({ cgroups: 'unified' });
  const script = 'echo first; echo "a warning" >&2; echo; printf "%70000s\\n" long; printf "no end"';
  const talker = await makeImage(machine, 'talker', { script, user: '1234' });
  const image = await makeImage(machine, 'other', { script: 'echo of the other >/dev/stdout' });
  startUnit(machine, 'talk.service', [`ExecStart=${runImage(talker)} ${image}`, 'Type=exec']);
  eventually(machine, '! systemctl is-active talk');
  uuid = machine.must(`${tsrkt} list --full --no-legend | awk '{print $1; exit}'`);
});
after(() => machine?.end());

test('what an app prints is in the journal under its name, its pod’s UUID and its unit', { skip }, () => {
  assert.equal(machine.must('journalctl -o cat -t other'), 'of the other');
  const lines = machine.must(
    `journalctl -o cat TSRKT_POD=${uuid} TSRKT_APP=talker TSRKT_STREAM=stdout | cut -c1-9`,
  );
  assert.deepEqual(lines.split('\n'), ['first', '', '         ', '         ', 'no end']); // 48 KiB, and the rest
  assert.equal(machine.must(`journalctl -o cat -u talk -p warning TSRKT_APP=talker`), 'a warning');
  assert.equal(
    machine.must(`journalctl -o json TSRKT_POD=${uuid} | wc -l`),
    machine.must(`journalctl -o json TSRKT_POD=${uuid} -u talk | wc -l`),
  );
});

test('tsrkt logs reads it back, also when the pod is gone', { skip }, () => {
  const { stdout, stderr } = machine.run(`${tsrkt} logs --app=talker ${uuid.slice(0, 8)}`);
  assert.deepEqual(
    [stdout.split('\n').map((line) => line.trim().slice(-6)), stderr],
    [['first', '', '', 'long', 'no end', ''], 'a warning\n'],
  );
  assert.match(
    machine.must(`${tsrkt} logs --prefix --lines=1 --app=other ${uuid}`),
    /^\d{4}-.*Z other: of the other$/,
  );
  machine.must(`${tsrkt} rm ${uuid}`);
  assert.equal(machine.must(`${tsrkt} logs --app=other ${uuid}`), 'of the other');
});

test('the writers cost little, sleep with the supervisor, and end with the pod', { skip }, async () => {
  const image = await makeImage(machine, 'chatty', { script: 'while :; do echo again; sleep 1; done' });
  startUnit(machine, 'chatty.service', [`ExecStart=${runImage(image)}`, 'Type=exec', 'KillMode=mixed']);
  const { MainPID } = show(machine, 'chatty', 'MainPID');
  eventually(machine, `grep -q asleep /proc/${MainPID}/cmdline`); // while the app prints
  const rollup = machine.must(`cat /proc/$(pgrep -f ^journal-writer | head -1)/smaps_rollup`);
  const kilobytes = [...rollup.matchAll(/^Private_\w+: +(\d+) kB/gm)].reduce(
    (sum, [, kB]) => sum + Number(kB),
    0,
  );
  assert.ok(kilobytes <= 32, `${kilobytes} kB`);
  machine.must('systemctl stop chatty');
  assert.equal(machine.run('pgrep -f ^journal-writer').stdout, '');
});

test('a supervisor that is killed leaves no writer behind', { skip }, async () => {
  const image = await makeImage(machine, 'orphan', { script: 'exec sleep 1000' });
  machine.must(`systemd-run --unit=orphan -p SendSIGKILL=no -p KillMode=process ${runImage(image)}`);
  eventually(machine, 'pgrep -f ^journal-writer');
  machine.must(`kill -KILL ${SUPERVISOR}`);
  eventually(machine, '! pgrep -f ^journal-writer');
});

test('--journal sends there what would go elsewhere', { skip }, async () => {
  const image = await makeImage(machine, 'asked', { script: 'echo asked for' });
  const { stdout } = machine.run(`systemd-run -q --wait --pipe ${runImage(image, '--journal')}`);
  assert.equal(stdout, '');
  assert.equal(eventually(machine, 'journalctl -o cat -t asked | grep asked'), 'asked for');
});
