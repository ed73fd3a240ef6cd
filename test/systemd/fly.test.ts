import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { bootMachine, type Machine, whyNoSystemd } from './machine.ts';
import { endPods, eventually, makeImage, runImage, show, startUnit, writeUnit } from './pods.ts';

/** Pods of flavor fly: the app takes the place of the supervisor, so it is the unit's main process. */
const skip = whyNoSystemd() ?? false;
const annotations = [{ name: 'appc.io/executor/supports-systemd-notify', value: 'true' }];
let machine: Machine;

before(async () => {
  if (!skip) machine = await bootMachine({ cgroups: 'unified' });
});
afterEach(() => {
  if (!skip) endPods(machine);
});
after(() => machine?.end());

const fly = (image: string) => runImage(image, '--stage1=fly').replace('--net=none ', '');

test('a fly pod is ready when its app is executed, and the app is the main process', { skip }, async () => {
  const image = await makeImage(machine, 'plain', { script: 'exec sleep 1000' });
  startUnit(machine, 'fly.service', [`ExecStart=${fly(image)}`, 'Type=notify', 'TimeoutStartSec=20']);
  const { MainPID, ActiveState } = show(machine, 'fly', 'MainPID', 'ActiveState');
  assert.deepEqual([ActiveState, machine.must('pgrep -x sleep')], ['active', MainPID]);
  machine.must('systemctl stop fly');
  assert.equal(show(machine, 'fly', 'Result')['Result'], 'success');
});

test('an annotated app of a fly pod speaks to systemd itself', { skip }, async () => {
  const script = 'exec sdapp serve "STATUS=own words" READY=1';
  const image = await makeImage(machine, 'speaker', { script, annotations });
  startUnit(machine, 'speaker.service', [`ExecStart=${fly(image)}`, 'Type=notify', 'TimeoutStartSec=20']);
  assert.equal(show(machine, 'speaker', 'StatusText')['StatusText'], 'own words');
  machine.must('systemctl stop speaker');
});

test('a fly pod answers on a socket of systemd', { skip }, async () => {
  const ports = [{ name: 'http', protocol: 'tcp', port: 5000, socketActivated: true }];
  const image = await makeImage(machine, 'web', { script: 'exec sdapp answer', ports });
  writeUnit(machine, 'web.socket', '[Socket]\nListenStream=5000\n');
  writeUnit(machine, 'web.service', `[Service]\nExecStart=${fly(image)}\n`);
  machine.must('systemctl daemon-reload && systemctl start web.socket');
  const answer = machine.must("timeout 10 bash -c 'exec 3<>/dev/tcp/127.0.0.1/5000; cat <&3'");
  assert.equal(answer, '1 sockets, web.socket');
  eventually(machine, '! systemctl is-active web.service');
});
