import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { bootMachine, type Machine, whyNoSystemd } from './machine.ts';
import { endPods, eventually, makeImage, SUPERVISOR, show, startUnit, tsrkt, UUID } from './pods.ts';

const skip = whyNoSystemd() ?? false;
let machine: Machine;
let image: string;

before(async () => {
  if (skip) return;
  machine = await bootMachine({ cgroups: 'unified' });
  image = await makeImage(machine, 'app', { script: 'echo up; sleep 4242 & exec sleep 1000' });
});
afterEach(() => {
  if (!skip) endPods(machine);
});
after(() => machine?.end());

const sandbox = `${tsrkt} app sandbox --net=none`;
const cgroupOf = (pid: string) => machine.must(`sed -n s/^0:://p /proc/${pid}/cgroup`);
const app = '$(pgrep -f "^sleep 1000")';
const ofApp = (what: string) => machine.must(`${tsrkt} --insecure-options=image app ${what}`);

for (const { place, lines } of [
  { place: 'a delegated unit', lines: ['Delegate=yes'] },
  { place: 'a unit that is not delegated', lines: [] },
])
  test(`in ${place} a sandbox is ready without apps, and those that come live and end below it`, {
    skip,
  }, () => {
    startUnit(machine, 'sand.service', [`ExecStart=${sandbox}`, 'Type=notify', 'KillMode=mixed', ...lines]);
    assert.equal(show(machine, 'sand', 'ActiveState')['ActiveState'], 'active');
    machine.must(`${tsrkt} --insecure-options=image fetch ${image}`);
    ofApp(`add ${UUID} example.com/app --name=web --memory=64Mi`);
    eventually(machine, `grep -q asleep /proc/${SUPERVISOR}/cmdline`);
    ofApp(`start --app=web ${UUID}`);
    eventually(machine, 'pgrep -f "^sleep 4242"');
    const cgroup = cgroupOf(app);
    assert.match(
      cgroup,
      lines.length > 0 ? /^\/system\.slice\/sand\.service\/.*\/web$/ : /^\/system\.slice\/sand\.service$/,
    );
    eventually(machine, 'journalctl -o cat -u sand -t web | grep -qx up');
    ofApp(`stop --app=web ${UUID}`);
    assert.equal(machine.run('pgrep -x sleep').stdout, '');
    ofApp(`start --app=web ${UUID}`);
    ofApp(`rm --app=web ${UUID}`);
    if (lines.length > 0) assert.equal(machine.run(`ls -d /sys/fs/cgroup${cgroup}`).status, 2);
    assert.equal(show(machine, 'sand', 'ActiveState')['ActiveState'], 'active');
    machine.must('systemctl stop sand');
    const { ActiveState, Result } = show(machine, 'sand', 'ActiveState', 'Result');
    assert.deepEqual([ActiveState, Result], ['inactive', 'success']);
    assert.equal(machine.run('ls -d /sys/fs/cgroup/system.slice/sand.service').status, 2);
  });
