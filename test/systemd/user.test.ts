import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bootMachine, type Ended, type Machine, mustEndWell, whyNoSystemd } from './machine.ts';
import { eventually, makeImage, tsrkt } from './pods.ts';

/** Pods of an ordinary user, in the user's own service manager. */
const skip = whyNoSystemd() ?? false;
let machine: Machine;
let image: string;

before(async () => {
  if (skip) return;
  machine = await bootMachine({ cgroups: 'unified' });
  image = await makeImage(machine, 'mine', { script: 'id -u; exec sleep 1000' });
  machine.must(
    'useradd --create-home --add-subids-for-system someone; usermod --add-subuids 300000-365535 --add-subgids 300000-365535 someone',
  );
  machine.must('loginctl enable-linger someone');
  eventually(machine, 'systemctl is-active user@$(id -u someone)');
});
after(() => machine?.end());

function asUser(script: string): Ended {
  const uid = '$(id -u someone)';
  const env = `HOME=/home/someone XDG_RUNTIME_DIR=/run/user/${uid} DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/${uid}/bus`;
  return machine.run(
    `setpriv --reuid=someone --regid=someone --init-groups env ${env} bash -c '${script.replaceAll("'", "'\\''")}'`,
  );
}

const must = (script: string) => mustEndWell(script, asUser(script));
const RUN = `${tsrkt} --insecure-options=image run --net=none`;

test('a service of the user’s manager runs a pod: readiness, cgroups below it, logs, stop', { skip }, () => {
  must(`systemd-run --user --unit=mine -p Type=notify -p Delegate=yes -p KillMode=mixed ${RUN} ${image}`);
  assert.equal(must('systemctl --user show mine -p StatusText --value'), 'running mine');
  const main = must('systemctl --user show mine -p MainPID --value');
  assert.match(
    machine.must(`cat /proc/${main}/cgroup`),
    /user@\d+\.service\/app\.slice\/mine\.service\/supervisor$/m,
  );
  assert.match(
    machine.must('cat /proc/$(pgrep -x sleep)/cgroup'),
    /app\.slice\/mine\.service\/tsrkt-.*\/mine$/m,
  );
  const uuid = must(`${tsrkt} list --no-legend --full`).split(' ')[0];
  assert.equal(machine.must(`journalctl -o cat TSRKT_POD=${uuid}`), '0'); // root of the user's own namespace
  must('systemctl --user stop mine');
  assert.equal(must('systemctl --user show mine -p Result --value'), 'success');
  assert.equal(machine.run('pgrep -x sleep').stdout, '');
});

test('outside of a service the user’s manager makes a scope', { skip }, () => {
  asUser(`systemd-run --user --scope -q ${RUN} ${image} > /dev/null 2>&1 &`);
  eventually(machine, 'pgrep -x sleep');
  assert.match(
    machine.must('cat /proc/$(pgrep -x sleep)/cgroup'),
    /app\.slice\/tsrkt-.*\.scope\/tsrkt-.*\/mine$/m,
  );
  must('systemctl --user stop "tsrkt-*.scope"');
  eventually(machine, '! pgrep -x sleep');
});
