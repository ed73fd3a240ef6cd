import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { readBody } from '../../../../image/http/body.ts';
import { type DownloadRequest, startDownload } from '../../../../image/http/download.ts';
import { openHttp } from '../../../../image/http.ts';
import { makeCertificate } from '../../../registry/certificate.ts';
import { serveFile } from '../../../registry/serve-file.ts';
import { type Handler, type Server, startServer } from '../../../registry/server.ts';

const certificate = makeCertificate();
after(() => certificate[Symbol.dispose]());

const content = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));

async function download(server: Server, request: Partial<DownloadRequest> = {}) {
  using http = openHttp({
    userAgent: 'tsrkt/test',
    env: { SSL_CERT_FILE: certificate.certFile },
    retries: 0,
  });
  const begun = await startDownload(http, { url: new URL(server.origin), ...request });
  return { ...begun, content: await readBody(begun.bytes) };
}

interface Behaviour {
  readonly etags?: readonly string[];
  readonly ranges?: boolean;
  /** How many bytes each answer gives before the connection breaks. */
  readonly breaks?: readonly number[];
  readonly shift?: number;
}

/** Serves `content` as told, one behaviour per request. */
function serve({ etags = ['"a"'], breaks = [], ranges = true, shift = 0 }: Behaviour): Handler {
  let served = 0;
  return (request, response) => {
    const etag = etags[Math.min(served, etags.length - 1)] ?? '';
    serveFile(request, response, { content, etag, ranges, shift, breakAfter: breaks[served++] });
  };
}

const start = (behaviour: Behaviour) => startServer(serve(behaviour), certificate);
const rejectsWith = (promise: Promise<unknown>, code: string) =>
  assert.rejects(promise, (error: Error & { code?: string }) => error.code === code);

test('startDownload() takes up a broken connection where it broke', async () => {
  await using server = await start({ breaks: [30_000, 30_000] });
  assert.deepEqual((await download(server)).content, content);
  assert.deepEqual(
    server.seen.map(({ headers }) => [headers.range, headers['if-range']]),
    [
      [undefined, undefined],
      ['bytes=30000-', '"a"'],
      ['bytes=60000-', '"a"'],
    ],
  );
});

test('startDownload() skips what it has when a server without ranges starts again with the same file', async () => {
  await using server = await start({ breaks: [30_000], ranges: false });
  assert.deepEqual((await download(server)).content, content);
});

test('startDownload() stops when the file changes between two parts', async () => {
  await using server = await start({ breaks: [30_000], etags: ['"a"', '"b"'] });
  await rejectsWith(download(server), 'ERR_HTTP_CHANGED');
});

test('startDownload() goes on with earlier bytes only under their validator', async () => {
  await using server = await start({});
  const resumed = await download(server, { offset: 40_000, validators: { etag: '"a"' } });
  assert.equal(resumed.start, 40_000);
  assert.equal(resumed.total, content.length);
  assert.deepEqual(resumed.content, content.subarray(40_000));
  const changed = await download(server, { offset: 40_000, validators: { etag: '"old"' } });
  assert.equal(changed.start, 0);
  assert.deepEqual(changed.content, content);
  assert.equal((await download(server, { offset: 40_000 })).start, 0);
  assert.equal((await download(server, { offset: 40_000, validators: { etag: 'W/"a"' } })).start, 0);
  assert.equal((await download(server, { offset: 40_000, isImmutable: true })).start, 40_000);
});

test('startDownload() starts again when the server cannot satisfy the range (416)', async () => {
  await using server = await start({});
  const whole = await download(server, { offset: content.length, isImmutable: true });
  assert.equal(whole.start, 0);
  assert.deepEqual(whole.content, content);
});

test('startDownload() refuses a 206 that starts at another byte than asked for', async () => {
  await using server = await start({ shift: 1 });
  await rejectsWith(download(server, { offset: 10, isImmutable: true }), 'ERR_HTTP_RANGE');
});

test('startDownload() gives up on a server that breaks every connection', async () => {
  await using server = await start({ breaks: [10, 10, 10, 10, 10, 10, 10, 10, 10] });
  await assert.rejects(download(server));
  assert.equal(server.seen.length, 5);
});

test('startDownload() reports a status that is no file', async () => {
  await using server = await startServer((_, response) => response.writeHead(404).end('no'), certificate);
  await assert.rejects(download(server), /bad HTTP status code: 404$/);
});
