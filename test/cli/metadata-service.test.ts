import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdirSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bindSocket } from '../../linux/socket.ts';
import { listenTcp, listenUnix } from '../unit/linux/listening.ts';
import { dist, runProgram, temporaryDirectory } from './executable.ts';
import { ask, registrationOf, startService } from './metadata-place.ts';

const token = 'ab'.repeat(16);
const uuid = '6733c088-a507-4694-aabf-9b6e3f1a5c55';

function place() {
  const { path, ...directory } = temporaryDirectory();
  const data = join(path, 'data');
  mkdirSync(data);
  return { ...directory, path, data, command: [join(dist, 'tsrkt'), `--dir=${data}`] as const };
}

/** The sockets a process has open besides its standard streams, by their inodes. */
function socketsOf(pid: number): readonly string[] {
  const directory = `/proc/${pid}/fd`;
  return readdirSync(directory)
    .filter((fd) => Number(fd) > 2)
    .flatMap((fd) => readIfThere(join(directory, fd)))
    .filter((link) => link.startsWith('socket:'));
}

function readIfThere(link: string): readonly string[] {
  try {
    return [readlinkSync(link)];
  } catch {
    return []; // closed meanwhile
  }
}

test('a service that is given sockets serves on them and listens nowhere else', async () => {
  using me = place();
  using tcp = listenTcp();
  const path = join(me.path, 'registrations');
  using unix = listenUnix(path);
  using service = await startService({ ...me, listeners: [unix.fd, tcp.fd] });
  assert.equal(service.port, tcp.port);
  assert.deepEqual(
    socketsOf(service.child.pid ?? 0).filter((socket) => !socketsOf(process.pid).includes(socket)),
    [],
  );
  assert.equal(existsSync(join(me.data, 'metadata-svc.sock')), false);
  const { body } = await ask(path, registrationOf(uuid, token));
  assert.equal(body, `${tcp.port}`);
  for (const _again of [1, 2, 3])
    assert.deepEqual(await ask(tcp.port, { path: `/${token}/acMetadata/v1/pod/uuid` }), {
      status: 200,
      type: 'text/plain; charset=us-ascii',
      body: uuid,
    });
});

test('where only the socket for registrations is given, as by rkt’s unit, pods are served on --listen-port', async () => {
  using me = place();
  const path = join(me.path, 'registrations');
  using unix = listenUnix(path);
  using service = await startService({ ...me, listeners: [unix.fd], flags: ['--listen-port=0'] });
  assert.equal((await ask(path, registrationOf(uuid, token))).body, `${service.port}`);
  assert.equal((await ask(service.port, { path: `/${token}/acMetadata/v1/pod/uuid` })).body, uuid);
});

test('sockets that cannot be served on are refused, and which they are is said', () => {
  using me = place();
  using one = listenTcp();
  using two = listenTcp();
  using first = listenUnix(join(me.path, 'first'));
  using second = listenUnix(join(me.path, 'second'));
  const udp = bindSocket({ protocol: 'udp', address: '127.0.0.1', port: 0 });
  const refusal = (fds: readonly number[], ...flags: readonly string[]) => {
    const manager = `LISTEN_PID=$$ LISTEN_FDS=${fds.length} exec "$@"`;
    const args = ['-c', manager, 'sh', ...me.command, 'metadata-service', ...flags];
    const { status, stderr } = runProgram('sh', args, { stdio: ['ignore', 'pipe', 'pipe', ...fds] });
    assert.equal(status, 254, stderr);
    return stderr;
  };
  const hint = 'hint: give one UNIX stream socket for registrations, and TCP sockets of one port for pods\n';
  const manager = 'metadata-service: listen on the sockets of the service manager:';
  const table = [
    [refusal([udp]), `${manager} file descriptor 3 takes no connections by TCP or UNIX\n${hint}`],
    [refusal([one.fd, two.fd]), `${manager} they are on ports ${one.port} and ${two.port}\n${hint}`],
    [refusal([first.fd, second.fd]), `${manager} 2 of them are UNIX sockets\n${hint}`],
    [
      refusal([one.fd], '--listen-port=1'),
      `metadata-service: listen on port 1: the service manager listens on ${one.port}\n${hint}`,
    ],
  ];
  for (const [said, expected] of table) assert.equal(said, expected);
  closeSync(udp);
});

test('a second service of a data directory is refused, and the first serves on', async () => {
  using me = place();
  using service = await startService({ ...me, flags: ['--listen-port=0'] });
  const { status, stderr } = runProgram(me.command[0], [
    me.command[1],
    'metadata-service',
    '--listen-port=0',
  ]);
  assert.equal(status, 254);
  assert.equal(stderr, `metadata-service: serve the metadata of pods in ${me.data}: another service does\n`);
  assert.equal((await ask(service.port, { path: '/' })).status, 401);
  assert.equal(
    (await ask(join(me.data, 'metadata-svc.sock'), registrationOf(uuid, token))).body,
    `${service.port}`,
  );
});
