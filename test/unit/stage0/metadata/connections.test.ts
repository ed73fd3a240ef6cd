import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { acceptSome, streamOf } from '../../../../linux/stream-socket.ts';
import { answering, type Limits } from '../../../../stage0/metadata/connections.ts';
import type { MetadataRequest } from '../../../../stage0/metadata/respond.ts';
import { listenTcp } from '../../linux/listening.ts';

const LIMITS: Limits = {
  connections: 3,
  connectionsOfOne: 2,
  headerBytes: 2000,
  bodyBytes: 1000,
  milliseconds: 400,
};

/** What comes through a socket of the runtime and through one that was handed on is treated alike. */
const ways = [
  {
    way: 'a socket of its own',
    serve: async (take: (socket: Socket) => void) => {
      const server = createServer({ allowHalfOpen: true }, take);
      server.listen({ port: 0, host: '127.0.0.1' });
      await once(server, 'listening');
      return { port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => void server.close() };
    },
  },
  {
    way: 'a socket that was handed on',
    serve: async (take: (socket: Socket) => void) => {
      const tcp = listenTcp();
      let isOver = false;
      const accept = async () => {
        while (!isOver) for (const { fd } of await acceptSome([tcp.fd])) take(streamOf(fd));
        tcp[Symbol.dispose]();
      };
      void accept();
      const end = () => {
        isOver = true;
        connect({ port: tcp.port, host: '127.0.0.1' }).on('error', () => {});
      };
      return { port: tcp.port, [Symbol.dispose]: end };
    },
  },
];

/** All that a server sends until it hangs up, to a client that says this and waits. */
async function say(port: number, ...words: readonly string[]): Promise<string> {
  return sayFrom('127.0.0.1', port, ...words);
}

async function sayFrom(localAddress: string, port: number, ...words: readonly string[]): Promise<string> {
  const client = connect({ port, host: '127.0.0.1', localAddress });
  client.on('error', () => {});
  for (const word of words) client.write(word);
  let all = '';
  client.setEncoding('latin1');
  client.on('data', (chunk) => (all += chunk));
  await new Promise((resolve) => client.on('close', resolve)); // also after an error
  return all;
}

for (const { way, serve } of ways) {
  const asked: MetadataRequest[] = [];
  const take = answering(LIMITS, (request) => {
    asked.push(request);
    return { status: 200, type: 'text/plain', body: 'answer' };
  });

  test(`a request by ${way} is answered, and the connection ended`, async () => {
    using server = await serve(take);
    const answer = await say(
      server.port,
      'POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n',
      'body',
    );
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nanswer$/);
    assert.match(answer, /content-type: text\/plain\r\n/i);
    assert.match(answer, /connection: close\r\n/i);
    assert.deepEqual(asked.pop(), { method: 'POST', path: '/a', body: Buffer.from('body') });
    const half = connect({ port: server.port, host: '127.0.0.1' });
    half.end('GET /half HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.match(await text(half), /answer$/);
  });

  test(`who says too much, too slowly or no HTTP by ${way} is hung up on`, async () => {
    asked.length = 0;
    using server = await serve(take);
    const large = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n';
    assert.match(await say(server.port, large, 'x'.repeat(1001)), /^HTTP\/1\.1 413 /);
    const chunked = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    assert.match(
      await say(server.port, chunked, `5dc\r\n${'x'.repeat(1500)}\r\n0\r\n\r\n`),
      /^HTTP\/1\.1 413 /,
    );
    assert.doesNotMatch(await say(server.port, `GET / HTTP/1.1\r\nA: ${'x'.repeat(3000)}\r\n\r\n`), /200/);
    assert.doesNotMatch(await say(server.port, 'nonsense\r\n\r\n'), /200/);
    for (const slow of ['', 'GET / HTTP/1.1\r\nHos', large]) {
      const before = performance.now();
      assert.equal(await say(server.port, slow), '');
      const took = performance.now() - before;
      assert.ok(took > 300 && took < 3000, `${took} ms`);
    }
    assert.deepEqual(asked, []);
  });

  test(`more than so many at once by ${way} are hung up on, of one address or in all, and served when these have left`, async () => {
    using server = await serve(take);
    const whole = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
    const waiting = [say(server.port, 'GET'), say(server.port, 'GET')];
    const third = say(server.port, whole);
    assert.equal(await Promise.race([third, ...waiting]), '');
    assert.match(await sayFrom('127.0.0.2', server.port, whole), /answer$/);
    const another = sayFrom('127.0.0.2', server.port, 'GET');
    const fourth = sayFrom('127.0.0.3', server.port, whole);
    assert.equal(await Promise.race([fourth, another]), '');
    await Promise.all([third, fourth, another, ...waiting]);
    assert.match(await say(server.port, whole), /answer$/);
  });
}
