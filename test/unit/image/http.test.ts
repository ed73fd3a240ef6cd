import assert from 'node:assert/strict';
import net from 'node:net';
import { after, test } from 'node:test';
import { readBody } from '../../../image/http/body.ts';
import { type HttpOptions, openHttp } from '../../../image/http.ts';
import { makeCertificate } from '../../registry/certificate.ts';
import { type Handler, type Server, startServer } from '../../registry/server.ts';

const certificate = makeCertificate();
after(() => certificate[Symbol.dispose]());

const env = { SSL_CERT_FILE: certificate.certFile };
const client = (options: Partial<HttpOptions> = {}) => openHttp({ userAgent: 'tsrkt/test', env, ...options });

async function get(server: Server, path: string, options: Partial<HttpOptions> = {}, request = {}) {
  using http = client(options);
  const response = await http.request({ url: new URL(path, server.origin), ...request });
  return { status: response.status, text: (await readBody(response.body)).toString() };
}

const secure = (handler: Handler) => startServer(handler, certificate);
const hasCode = (code: string) => (error: unknown) => (error as { code?: string }).code === code;

test('request() sends its User-Agent and takes the bytes as served, undecoded', async () => {
  await using server = await secure((_, response) => {
    response.setHeader('content-encoding', 'gzip');
    response.end('not gzip');
  });
  assert.deepEqual(await get(server, '/'), { status: 200, text: 'not gzip' });
  assert.equal(server.seen[0]?.headers['user-agent'], 'tsrkt/test');
  assert.equal(server.seen[0]?.headers['accept-encoding'], 'identity');
});

test('request() refuses a certificate it does not know, and says how to go on', async () => {
  await using server = await secure((_, response) => response.end());
  await assert.rejects(get(server, '/', { env: {} }), (error: Error & { code?: string; hint?: string }) => {
    assert.equal(error.code, 'DEPTH_ZERO_SELF_SIGNED_CERT');
    assert.match(error.hint ?? '', /SSL_CERT_FILE/);
    return true;
  });
  assert.equal((await get(server, '/', { env: {}, insecureTls: true })).status, 200);
  assert.equal((await get(server, '/', { env: { NODE_EXTRA_CA_CERTS: certificate.certFile } })).status, 200);
});

test('request() follows five redirects and not a sixth', async () => {
  await using server = await secure((request, response) => {
    const left = Number(request.url?.slice(1));
    if (left === 0) response.end('there');
    else response.writeHead(302, { location: `/${left - 1}` }).end();
  });
  assert.equal((await get(server, '/5')).text, 'there');
  await assert.rejects(get(server, '/6'), hasCode('ERR_HTTP_REDIRECT'));
});

test('request() never follows a redirect from https to http unless allowed (CVE-2014-5277)', async () => {
  await using plain = await startServer((_, response) => response.end('plain'));
  await using server = await secure((_, response) =>
    response.writeHead(301, { location: plain.origin }).end(),
  );
  await assert.rejects(get(server, '/'), hasCode('ERR_HTTP_REDIRECT'));
  assert.equal(plain.seen.length, 0);
  assert.equal((await get(server, '/', { allowHttp: true })).text, 'plain');
});

for (const location of ['ftp://localhost/', 'file:///etc/passwd', 'http://', 'data:,x'])
  test(`request() does not follow a redirect to ${location}`, async () => {
    await using server = await secure((_, response) => response.writeHead(302, { location }).end());
    await assert.rejects(get(server, '/'), hasCode('ERR_HTTP_REDIRECT'));
  });

test('request() sends credentials to their origin only, not to another port of the same host', async () => {
  await using other = await secure((_, response) => response.end('other'));
  await using server = await secure((request, response) => {
    const location = request.url === '/same' ? '/away' : other.origin;
    response.writeHead(307, { location }).end();
  });
  assert.equal((await get(server, '/same', {}, { authorization: 'Bearer secret' })).text, 'other');
  assert.deepEqual(
    server.seen.map((seen) => seen.headers.authorization),
    ['Bearer secret', 'Bearer secret'],
  );
  assert.equal(other.seen[0]?.headers.authorization, undefined);
});

test('request() turns user and password of a URL into Basic credentials', async () => {
  await using server = await secure((_, response) => response.end());
  await get(server, server.origin.replace('//', '//u:p%40@'));
  assert.equal(server.seen[0]?.headers.authorization, `Basic ${Buffer.from('u:p@').toString('base64')}`);
});

test('request() repeats after 503 and 429, waits as long as Retry-After asks, and gives up in the end', async () => {
  const statuses = [503, 429, 200];
  await using server = await secure((_, response) => {
    const status = statuses.shift() ?? 503;
    response.writeHead(status, status === 429 ? { 'retry-after': '0' } : {}).end(String(status));
  });
  assert.equal((await get(server, '/')).text, '200');
  assert.equal(server.seen.length, 3);
  assert.equal((await get(server, '/', { retries: 1 })).status, 503);
  assert.equal(server.seen.length, 5);
});

test('request() repeats when the connection is reset before an answer', async () => {
  let first = true;
  await using server = await secure((request, response) => {
    if (first) request.socket.destroy();
    else response.end('ok');
    first = false;
  });
  assert.equal((await get(server, '/')).text, 'ok');
});

test('request() gives up on a server that does not answer, and on a body that stalls', async () => {
  await using server = await secure((request, response) => {
    if (request.url === '/stall') response.writeHead(200, { 'content-length': '10' }).write('12345');
  });
  await assert.rejects(get(server, '/hang', { answerMs: 100 }), hasCode('ERR_HTTP_TIMEOUT'));
  await assert.rejects(get(server, '/stall', { idleMs: 100 }), hasCode('ERR_HTTP_TIMEOUT'));
});

test('request() does not hold a slow reader against the server', async () => {
  await using server = await secure((_, response) => response.end(Buffer.alloc(1 << 20)));
  using http = client({ idleMs: 100 });
  const { body } = await http.request({ url: new URL(server.origin) });
  let total = 0;
  for await (const chunk of body) {
    if (total === 0) await new Promise((resolve) => setTimeout(resolve, 300));
    total += chunk.length;
  }
  assert.equal(total, 1 << 20);
});

test('request() stops at its size limit, whatever the server announces', async () => {
  await using server = await secure((_, response) => {
    const chunk = Buffer.alloc(64 << 10);
    const write = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', write);
    write();
  });
  await assert.rejects(get(server, '/', {}, { maxBytes: 1 << 20 }), hasCode('ERR_HTTP_TOO_LARGE'));
});

test('request() notices a body shorter than announced', async () => {
  await using server = await secure((request, response) => {
    response.writeHead(200, { 'content-length': '10' }).write('12345', () => request.socket.destroy());
  });
  await assert.rejects(get(server, '/?token=secret'), (error: Error) => {
    assert.match(error.message, /^fetch https:\/\/localhost:\d+\/: aborted$/);
    return true;
  });
});

test('request() keeps a query out of its messages: it may hold a signature', async () => {
  using http = client({ retries: 0 });
  const url = new URL('https://user:secret@localhost:1/x?token=secret');
  await assert.rejects(
    http.request({ url }),
    /^ConnectionError: fetch https:\/\/localhost:1\/x: connect ECONNREFUSED 127\.0\.0\.1:1$/,
  );
});

test('request() ends when its signal is aborted, also between two attempts', async () => {
  await using server = await secure((_, response) => response.writeHead(503, { 'retry-after': '30' }).end());
  const signal = AbortSignal.timeout(200);
  await assert.rejects(get(server, '/', { signal }), (error: Error) => error.name === 'AbortError');
});

test('request() runs through the proxy that the environment names, TLS and all', async () => {
  await using server = await startServer((_, response) => response.end('through'), certificate);
  const asked: string[] = [];
  const proxy = await startConnectProxy(asked, new URL(server.origin).port);
  const proxied = { ...env, https_proxy: `http://me:pw@127.0.0.1:${proxy.port}` };
  using http = client({ env: proxied });
  await assert.rejects(
    http.request({ url: new URL('https://registry.invalid/') }),
    hasCode('ERR_TLS_CERT_ALTNAME_INVALID'),
  );
  using insecure = client({ env: proxied, insecureTls: true });
  const response = await insecure.request({ url: new URL('https://registry.invalid/') });
  assert.equal((await readBody(response.body)).toString(), 'through');
  assert.match(asked[0] ?? '', /^CONNECT registry\.invalid:443 HTTP\/1\.1\r\n/);
  assert.match(asked[0] ?? '', /proxy-authorization: Basic bWU6cHc=/i);
  assert.equal(server.seen[0]?.headers['proxy-authorization'], undefined);
  proxy.close();
});

/** A proxy that leads every CONNECT to one port of the loopback. */
async function startConnectProxy(asked: string[], port: string): Promise<{ port: number; close(): void }> {
  const server = net.createServer((client) => {
    client.once('data', (head) => {
      asked.push(head.toString());
      const target = net.connect(Number(port), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        client.pipe(target).pipe(client);
      });
      target.on('error', () => client.destroy());
      client.on('error', () => target.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as net.AddressInfo).port, close: () => server.close() };
}
