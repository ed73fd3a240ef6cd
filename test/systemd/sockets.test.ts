import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bootMachine, type Machine, whyNoSystemd } from './machine.ts';
import { eventually, makeImage, runImage, show, tsrkt, writeUnit } from './pods.ts';

const skip = whyNoSystemd() ?? false;
const http = { name: 'http', protocol: 'tcp', port: 5000, socketActivated: true };
let machine: Machine;

before(async () => {
  if (!skip) machine = await bootMachine({ cgroups: 'unified' });
});
after(() => machine?.end());

/** A socket unit and the service it starts. */
function listen(unit: string, listens: string, command: string): void {
  writeUnit(machine, `${unit}.socket`, `[Socket]\n${listens}\n`);
  writeUnit(machine, `${unit}.service`, `[Service]\nExecStart=${command}\n`);
  machine.must(`systemctl daemon-reload && systemctl start ${unit}.socket`);
}

const ask = (port: number) => `timeout 10 bash -c 'exec 3<>/dev/tcp/127.0.0.1/${port}; cat <&3'`;

test('a connection starts the pod, and its app answers on the socket systemd listens on', {
  skip,
}, async () => {
  const image = await makeImage(machine, 'web', { script: 'exec sdapp answer', ports: [http] });
  listen('web', 'ListenStream=5000', runImage(image));
  assert.equal(machine.run(`${tsrkt} list --no-legend`).stdout, '');
  assert.equal(machine.must(ask(5000)), '1 sockets, web.socket');
  eventually(machine, '! systemctl is-active web.service');
  assert.equal(machine.must(ask(5000)), '1 sockets, web.socket'); // and again: the pod does not keep the socket
});

test('--port says where on the host the port is; UNIX sockets are known by their names', {
  skip,
}, async () => {
  const image = await makeImage(machine, 'moved', { script: 'exec sdapp answer', ports: [http] });
  listen(
    'moved',
    'ListenStream=127.0.0.1:8080\nFileDescriptorName=mine',
    runImage(image, '--port=http:8080'),
  );
  assert.equal(machine.must(ask(8080)), '1 sockets, mine');

  listen('local', 'ListenStream=/run/local.sock\nFileDescriptorName=http', runImage(image));
  const connect =
    'python3 -c "import socket; s = socket.socket(socket.AF_UNIX); s.connect(\'/run/local.sock\'); print(s.recv(99).decode())"';
  assert.equal(machine.must(connect), '1 sockets, http');
});

test('an app that is started again answers on the same socket, also after the supervisor slept', {
  skip,
}, async () => {
  const image = await makeImage(machine, 'again', { script: 'exec sdapp answer', ports: [http] });
  listen(
    'again',
    'ListenStream=5010\nFileDescriptorName=mine',
    `${runImage(image, '--port=http:5010')} --restart=always`,
  );
  assert.equal(machine.must(ask(5010)), '1 sockets, mine');
  const supervisor = show(machine, 'again', 'MainPID');
  for (let times = 0; times < 2; times++) {
    eventually(machine, `grep -q asleep /proc/${supervisor['MainPID']}/cmdline`);
    assert.equal(machine.must(ask(5010)), '1 sockets, mine');
  }
  assert.deepEqual(show(machine, 'again', 'MainPID'), supervisor);
  machine.must('systemctl stop again.socket again.service');
});

test('of two apps each gets the sockets of its own ports', { skip }, async () => {
  const other = { ...http, name: 'other', port: 6000 };
  const first = await makeImage(machine, 'first', { script: 'exec sdapp answer', ports: [other] });
  const second = await makeImage(machine, 'second', { script: 'exec sdapp answer', ports: [http] });
  listen('two', 'ListenStream=6000\nListenStream=5005', `${runImage(first, '--port=http:5005')} ${second}`);
  assert.equal(machine.must(ask(6000)), '1 sockets, two.socket');
  assert.equal(machine.must(ask(5005)), '1 sockets, two.socket');
  eventually(machine, '! systemctl is-active two.service');
});

test('a socket that is no app’s is an error, not a connection that hangs', { skip }, async () => {
  const image = await makeImage(machine, 'deaf', { script: 'exec sleep 1000' });
  listen('deaf', 'ListenStream=7000', runImage(image));
  machine.run(ask(7000));
  eventually(machine, 'journalctl -u deaf -o cat | grep "pass on the socket"');
});
