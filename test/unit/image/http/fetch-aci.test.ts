import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBody } from '../../../../image/http/body.ts';
import { type AciRequest, fetchAci } from '../../../../image/http/fetch-aci.ts';
import { openHttp } from '../../../../image/http.ts';
import { certificate } from '../../../registry/pulling.ts';
import { serveFile } from '../../../registry/serve-file.ts';
import { type Handler, type Server, startServer } from '../../../registry/server.ts';

const content = Buffer.from('the image');

async function fetch(server: Server, request: Partial<AciRequest> = {}) {
  using http = openHttp({
    userAgent: 'tsrkt/test',
    env: { SSL_CERT_FILE: certificate.certFile },
    retries: 0,
  });
  const answer = await fetchAci(http, {
    url: new URL('/x.aci', server.origin),
    maxBytes: 1 << 20,
    ...request,
  });
  if (answer.kind !== 'content') return answer;
  return {
    kind: 'content',
    start: answer.download.start,
    text: (await readBody(answer.download.bytes)).toString(),
  };
}

const start = (handler: Handler) => startServer(handler, certificate);

test('fetchAci() asks whether a stored image changed, and learns how long it holds now', async () => {
  await using server = await start((request, response) => {
    const isKnown = request.headers['if-none-match'] === '"a"';
    response.writeHead(isKnown ? 304 : 200, { etag: '"a"', 'cache-control': 'max-age=60' });
    response.end(isKnown ? undefined : content);
  });
  assert.deepEqual(await fetch(server, { stored: { etag: '"a"' } }), {
    kind: 'unchanged',
    validators: { etag: '"a"', maxAge: 60 },
  });
  assert.deepEqual(await fetch(server, { stored: { etag: '"old"' } }), {
    kind: 'content',
    start: 0,
    text: 'the image',
  });
});

test('fetchAci() goes on with a partial image under its validator, and starts again on 416', async () => {
  await using server = await start((request, response) =>
    serveFile(request, response, { content, etag: '"a"' }),
  );
  const validators = { etag: '"a"' };
  assert.deepEqual(await fetch(server, { offset: 4, validators }), {
    kind: 'content',
    start: 4,
    text: 'image',
  });
  assert.deepEqual(await fetch(server, { offset: 99, validators }), {
    kind: 'content',
    start: 0,
    text: 'the image',
  });
  assert.deepEqual(await fetch(server, { offset: 4 }), { kind: 'content', start: 0, text: 'the image' });
});

test('fetchAci() does not ask whether it changed when it takes up a connection that broke', async () => {
  const breaks = [4];
  await using server = await start((request, response) =>
    serveFile(request, response, { content, etag: '"a"', breakAfter: breaks.shift() }),
  );
  const { text } = (await fetch(server, { stored: { etag: '"old"' } })) as { text?: string };
  assert.equal(text, 'the image');
  assert.deepEqual(
    server.seen.map(({ headers }) => [headers['if-none-match'], headers.range, headers.accept]),
    [
      ['"old"', undefined, ACCEPT],
      [undefined, 'bytes=4-', ACCEPT],
    ],
  );
});

const ACCEPT = 'application/vnd.rkt.aci, application/octet-stream, */*;q=0.5';

test('fetchAci() tells a deferred signature (202) from an error', async () => {
  await using server = await start((request, response) => {
    response.writeHead(request.url === '/x.aci.asc' ? 202 : 404).end();
  });
  assert.deepEqual(await fetch(server, { url: new URL('/x.aci.asc', server.origin) }), { kind: 'deferred' });
  await assert.rejects(fetch(server), { code: 'ERR_HTTP_STATUS' });
});
