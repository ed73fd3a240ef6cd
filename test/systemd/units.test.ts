import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { bootMachine, type Machine, whyNoSystemd } from './machine.ts';
import { endPods, eventually, makeImage, show, tsrkt, UUID } from './pods.ts';

const skip = whyNoSystemd() ?? false;
let machine: Machine;
let image: string;

before(async () => {
  if (skip) return;
  machine = await bootMachine({ cgroups: 'unified' });
  image = await makeImage(machine, 'hello', { script: 'echo "$@"; exec sleep 1000' });
});
afterEach(() => {
  if (!skip) endPods(machine);
});
after(() => machine?.end());

test('systemd install makes the timer run, the group and its directories; a second time changes nothing', {
  skip,
}, () => {
  const written = machine.must(`${tsrkt} systemd install`).split('\n');
  assert.ok(written.includes('/etc/systemd/system/tsrkt-gc.timer'));
  assert.equal(machine.must('systemctl is-active tsrkt-gc.timer'), 'active');
  assert.equal(machine.must('stat -c %G,%a /var/lib/tsrkt/pods'), 'tsrkt,2750');
  machine.must('systemctl start tsrkt-gc.service');
  assert.equal(machine.must(`${tsrkt} systemd install`), '');
  const units = ['tsrkt-gc.service', 'tsrkt-gc.timer', 'tsrkt@.service'];
  assert.equal(
    machine.must(
      `systemd-analyze verify --man=no ${units.map((unit) => `/etc/systemd/system/${unit}`).join(' ')} 2>&1`,
    ),
    '',
  );
});

test('members of the group see root’s pods', { skip }, () => {
  machine.must(
    `useradd --groups tsrkt member; useradd other; systemd-run --unit=seen ${tsrkt} --insecure-options=image run --net=none ${image}`,
  );
  eventually(machine, `${tsrkt} list | grep running`);
  const list = (user: string) =>
    machine.run(
      `setpriv --reuid=${user} --regid=${user} --init-groups ${tsrkt} --dir=/var/lib/tsrkt list --no-legend`,
    );
  assert.match(list('member').stdout, /hello .*running/);
  assert.equal(list('other').stdout, '');
});

test('tsrkt@.service runs the image that its instance names', { skip }, () => {
  machine.must('mkdir -p /etc/tsrkt/instances');
  machine.must(
    `printf 'IMAGE=${image}\\nOPTIONS=--insecure-options=image\\nRUN_OPTIONS=--net=none --hostname=greeter\\n' > /etc/tsrkt/instances/hello.env`,
  );
  machine.must('systemctl start tsrkt@hello');
  const { ActiveState, ControlGroup, Delegate } = show(
    machine,
    'tsrkt@hello',
    'ActiveState',
    'ControlGroup',
    'Delegate',
  );
  assert.deepEqual(
    [ActiveState, ControlGroup, Delegate],
    ['active', '/machine.slice/tsrkt@hello.service', 'yes'],
  );
  machine.must('systemctl stop tsrkt@hello');
  assert.equal(show(machine, 'tsrkt@hello', 'Result')['Result'], 'success');
});

test('generate systemd prints a unit that runs exactly the command line it was given', { skip }, () => {
  const args = `--net=none --set-env='A=50% $HOME "x"' ${image} -- 'a b' '%n' '$PATH' "it's" '\\'`;
  machine.must(
    `${tsrkt} --insecure-options=image generate systemd --description=Exact ${args} > /etc/systemd/system/exact.service`,
  );
  assert.equal(machine.must('systemd-analyze verify --man=no /etc/systemd/system/exact.service 2>&1'), '');
  machine.must('systemctl daemon-reload && systemctl start exact');
  const manifest = JSON.parse(machine.must(`${tsrkt} cat-manifest ${UUID}`));
  const { exec, environment } = manifest.apps[0].app;
  assert.deepEqual(exec.slice(-5), ['a b', '%n', '$PATH', "it's", '\\']);
  assert.deepEqual(environment.at(-1), { name: 'A', value: '50% $HOME "x"' });
  machine.must('systemctl stop exact');
});

test('generate systemd of a prepared pod runs it, once', { skip }, () => {
  const uuid = machine.must(`${tsrkt} --insecure-options=image prepare ${image}`).split('\n').at(-1);
  machine.must(`${tsrkt} generate systemd --net=none ${uuid} > /etc/systemd/system/prepared.service`);
  machine.must('systemctl daemon-reload && systemctl start prepared');
  assert.equal(machine.must(`echo ${UUID}`), uuid);
  assert.equal(show(machine, 'prepared', 'Restart')['Restart'], 'no');
  machine.must('systemctl stop prepared');
});

test('.pod files become services, wanted where they say; a broken one does not hide the others', {
  skip,
}, () => {
  machine.must(`mkdir -p /etc/tsrkt/units; cat > /etc/tsrkt/units/shop.pod << 'END'
[Unit]
Description=The shop

[Pod]
InsecureOptions=image
Net=none
Hostname=shop

[App]
Image=${image}
Name=front
Environment=A=1
Environment=B=2
Arguments=--title "two words"

[App]
# the other
Image=${image}
Name=back

[Service]
MemoryMax=1G
Restart=always

[Install]
WantedBy=multi-user.target
END
printf '[Pod]\\nNet=none\\nColour=blue\\n[App]\\nImage=x\\n' > /etc/tsrkt/units/broken.pod`);
  machine.must('systemctl daemon-reload');
  assert.equal(
    machine.must('systemctl show multi-user.target -p Wants | grep -o shop.service'),
    'shop.service',
  );
  machine.must('systemctl start shop');
  const { Description, Restart, MemoryMax, SourcePath } = show(
    machine,
    'shop',
    'Description',
    'Restart',
    'MemoryMax',
    'SourcePath',
  );
  assert.deepEqual(
    [Description, Restart, MemoryMax, SourcePath],
    ['The shop', 'always', `${2 ** 30}`, '/etc/tsrkt/units/shop.pod'],
  );
  const { apps } = JSON.parse(machine.must(`${tsrkt} cat-manifest ${UUID}`));
  assert.deepEqual(
    apps.map(({ name }: { name: string }) => name),
    ['front', 'back'],
  );
  assert.deepEqual(apps[0].app.exec.slice(-2), ['--title', 'two words']);
  machine.must('systemctl stop shop');
  assert.match(
    machine.run(`${tsrkt} generate units $(mktemp -d)`).stderr,
    /broken\.pod: unknown setting "Colour"/,
  );
  assert.equal(machine.run('systemctl cat broken').status, 1);
});
