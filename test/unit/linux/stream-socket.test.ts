import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, fstatSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { listenerKind } from '../../../linux/listening-socket.ts';
import { bindSocket } from '../../../linux/socket.ts';
import { acceptSome, streamOf } from '../../../linux/stream-socket.ts';
import { listenTcp, listenUnix } from './listening.ts';

test('acceptSome() gives who connected to which socket, both ways, while the event loop goes on', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tsrkt-stream-'));
  using tcp = listenTcp();
  using unix = listenUnix(join(directory, 'socket'));
  for (const [{ fd }, where] of [
    [tcp, { port: tcp.port, host: '127.0.0.1' }],
    [unix, { path: join(directory, 'socket') }],
  ] as const) {
    const accepted = acceptSome([tcp.fd, unix.fd]);
    await setTimeout(50); // with nobody there
    const client = connect(where);
    client.end('question');
    const [first, ...others] = await accepted;
    assert.deepEqual([first?.listener, others.length], [fd, 0]);
    const socket = streamOf(first!.fd);
    assert.equal(String((await once(socket, 'data'))[0]), 'question');
    await once(socket, 'end');
    socket.end('answer');
    assert.equal(await text(client), 'answer');
  }
  rmSync(directory, { recursive: true });
});

test('acceptSome() says what is wrong with a socket that does not listen', async () => {
  const fd = bindSocket({ protocol: 'tcp', address: '127.0.0.1', port: 0 });
  await assert.rejects(acceptSome([fd]), { code: 'EINVAL', message: /^accept a connection: EINVAL/ });
  closeSync(fd);
});

test('a stream of a connection ends with an error when the other side resets it, and its file descriptor is closed', async () => {
  using tcp = listenTcp();
  const accepted = acceptSome([tcp.fd]);
  const client = connect({ port: tcp.port, host: '127.0.0.1' });
  const [first] = await accepted;
  const socket = streamOf(first!.fd);
  const failed = once(socket, 'error');
  const closed = new Promise((resolve) => socket.on('close', resolve)); // once() would reject with the error
  client.resetAndDestroy();
  assert.equal((await failed)[0].code, 'ECONNRESET');
  await closed;
  assert.throws(() => fstatSync(first!.fd), { code: 'EBADF' });
});

test('listenerKind() knows TCP and UNIX sockets that listen from all else', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tsrkt-stream-'));
  using tcp = listenTcp();
  using six = listenTcp('::1');
  using unix = listenUnix(join(directory, 'socket'));
  const udp = bindSocket({ protocol: 'udp', address: '127.0.0.1', port: 0 });
  const deaf = bindSocket({ protocol: 'tcp', address: '127.0.0.1', port: 0 });
  const file = openSync(directory, 'r');
  const kinds = [tcp.fd, six.fd, unix.fd, udp, deaf, file].map(listenerKind);
  assert.deepEqual(kinds, ['tcp', 'tcp', 'unix', undefined, undefined, undefined]);
  for (const fd of [udp, deaf, file]) closeSync(fd);
  rmSync(directory, { recursive: true });
});
