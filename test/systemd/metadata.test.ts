import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bootMachine, type Machine, whyNoSystemd } from './machine.ts';
import { eventually, makeImage, show, tsrkt } from './pods.ts';

const skip = whyNoSystemd() ?? false;
const unit = 'tsrkt-metadata.service';
let machine: Machine;

/** Asks who it is, signs, and when the service was killed has the signature verified. */
const SCRIPT = `
url=$AC_METADATA_URL/acMetadata/v1
test "$(busybox wget -q -O - $url/apps/$AC_APP_NAME/annotations/colour)" = blue && echo known
signature=$(busybox wget -q -O - --post-data content=text $url/pod/hmac/sign | busybox sed 's/+/%2B/g; s,/,%2F,g; s/=/%3D/g')
echo signed
while ! test -e /told/go; do sleep 0.05; done
busybox wget -q -O - --post-data "content=text&uuid=$(busybox wget -q -O - $url/pod/uuid)&signature=$signature" $url/pod/hmac/verify && echo verified`;

before(async () => {
  if (skip) return;
  machine = await bootMachine({ cgroups: 'unified' });
  machine.must(`${tsrkt} systemd install`);
});
after(() => machine?.end());

test('systemd install brings units of the metadata service without fault, and lets nothing listen yet', {
  skip,
}, () => {
  const units = `/etc/systemd/system/tsrkt-metadata.socket /etc/systemd/system/${unit}`;
  assert.equal(machine.must(`systemd-analyze verify --man=no ${units} 2>&1`), '');
  assert.equal(machine.run('systemctl is-active tsrkt-metadata.socket').stdout, 'inactive\n');
  machine.must('systemctl enable --now --quiet tsrkt-metadata.socket');
  assert.equal(machine.run(`systemctl is-active ${unit}`).stdout, 'inactive\n');
  assert.equal(machine.must('stat -c %a,%U /var/lib/tsrkt/metadata-svc.sock'), '600,root');
});

test('the first pod that registers starts the service, and finds the same after it was killed', {
  skip,
}, async () => {
  const annotations = [{ name: 'colour', value: 'blue' }];
  const image = await makeImage(machine, 'asking', { script: SCRIPT, annotations });
  machine.must('mkdir /tmp/told');
  const volume = '--volume=told,kind=host,source=/tmp/told --mount=volume=told,target=/told';
  machine.must(
    `systemd-run --quiet --unit=asking --remain-after-exit ${tsrkt} --insecure-options=image run --net=host --mds-register ${volume} ${image}`,
  );
  const printed = (word: string) => eventually(machine, `journalctl -o cat | grep -x ${word}`);
  printed('known');
  printed('signed');
  const { MainPID: first } = show(machine, unit, 'MainPID');
  machine.must(`kill -9 ${first}; touch /tmp/told/go`);
  printed('verified');
  eventually(machine, `systemctl is-active ${unit}`);
  const { MainPID, NRestarts } = show(machine, unit, 'MainPID', 'NRestarts');
  assert.notEqual(MainPID, first);
  assert.equal(NRestarts, '1');
  machine.must('systemctl stop asking');
});

test('the service has no rights that it does not need', { skip }, () => {
  machine.must(`systemctl start ${unit}`);
  const { MainPID: pid } = show(machine, unit, 'MainPID');
  const status = machine.must(`cat /proc/${pid}/status`);
  for (const line of [/^CapBnd:\t0+$/m, /^CapEff:\t0+$/m, /^NoNewPrivs:\t1$/m, /^Seccomp:\t2$/m])
    assert.match(status, line);
  const network = (each: string) => machine.must(`readlink /proc/${each}/ns/net`);
  assert.notEqual(network(pid ?? ''), network('1'));
  const inside = (script: string) => machine.run(`nsenter -t ${pid} -m sh -c '${script}'`).status;
  assert.equal(inside('touch /var/lib/tsrkt/metadata/x && rm /var/lib/tsrkt/metadata/x'), 0);
  for (const path of ['/var/lib/tsrkt', '/var/lib/tsrkt/pods/run', '/etc', '/usr'])
    assert.notEqual(inside(`touch ${path}/x`), 0, path);
  const exposure = machine.must(`systemd-analyze security --no-pager ${unit} | tail -1`);
  assert.ok(Number(/: ([\d.]+) /.exec(exposure)?.[1]) <= 1.5, exposure);
});
