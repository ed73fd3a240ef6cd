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
  const begun = await startDownload(http, {
    url: new URL(server.origin),
    maxBytes: 1 << 20,
    ...request,
  });
  return { ...begun, content: await readBody(begun.bytes) };
}

interface Behaviour {
  readonly etags?: readonly string[];
  readonly ranges?: boolean;
  /** How many bytes each answer gives before the connection breaks. */
  readonly breaks?: readonly number[];
  readonly shift?: number;
  readonly ignoresIfRange?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** The file as it is from the second request on. */
  readonly later?: Buffer;
}

/** Serves `content` as told, one behaviour per request. */
function serve({ etags = ['"a"'], breaks = [], later = content, ...how }: Behaviour): Handler {
  let served = 0;
  return (request, response) => {
    const etag = etags[Math.min(served, etags.length - 1)];
    const file = { ...how, ...(etag === undefined ? {} : { etag }), content: served > 0 ? later : content };
    serveFile(request, response, { ...file, breakAfter: breaks[served++] });
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

test('startDownload() takes nothing of a 206 that starts at another byte than asked for', async () => {
  await using server = await start({ shift: 1 });
  const whole = await download(server, { offset: 10, isImmutable: true });
  assert.equal(whole.start, 0);
  assert.deepEqual(whole.content, content);
  assert.deepEqual(
    server.seen.map(({ headers }) => headers.range),
    ['bytes=10-', undefined],
  );
});

test('startDownload() starts again where a server that ignores If-Range has another file', async () => {
  await using server = await start({ ignoresIfRange: true, etags: ['"b"'] });
  const whole = await download(server, { offset: 40_000, validators: { etag: '"a"' } });
  assert.equal(whole.start, 0);
  assert.deepEqual(whole.content, content);
  assert.deepEqual(
    server.seen.map(({ headers }) => headers.range),
    ['bytes=40000-', undefined],
  );
});

test('startDownload() starts again where the file has another size than before', async () => {
  await using server = await start({});
  const request = { offset: 40_000, validators: { etag: '"a"' } };
  assert.equal((await download(server, { ...request, total: 99_999 })).start, 0);
  assert.equal((await download(server, { ...request, total: content.length })).start, 40_000);
});

test('startDownload() stops when a server that ignores If-Range has another file by then', async () => {
  await using server = await start({ ignoresIfRange: true, breaks: [30_000], etags: ['"a"', '"b"'] });
  await rejectsWith(download(server), 'ERR_HTTP_CHANGED');
  assert.equal(server.seen.length, 3);
});

test('startDownload() stops when the file has another size after a break', async () => {
  await using server = await start({ breaks: [30_000], later: content.subarray(1) });
  await rejectsWith(download(server), 'ERR_HTTP_CHANGED');
});

test('startDownload() stops when the file changes before its first byte came', async () => {
  await using server = await start({ breaks: [0], etags: ['"a"', '"b"'] });
  await rejectsWith(download(server), 'ERR_HTTP_CHANGED');
});

test('startDownload() goes on by a Last-Modified that is no longer new, and by no other', async () => {
  const headers = { 'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT' };
  await using old = await start({ etags: [], breaks: [30_000], headers });
  assert.deepEqual((await download(old)).content, content);
  assert.equal(old.seen[1]?.headers['if-range'], headers['last-modified']);
  const now = { 'last-modified': new Date().toUTCString() };
  await using fresh = await start({ etags: [], breaks: [30_000], headers: now });
  await assert.rejects(download(fresh));
  assert.equal(fresh.seen.length, 1);
});

test('startDownload() does not go on by a weak entity tag', async () => {
  await using server = await start({ etags: ['W/"a"'], breaks: [30_000] });
  await assert.rejects(download(server));
  assert.equal(server.seen.length, 1);
});

test('startDownload() takes no more than it may, in however many parts it comes', async () => {
  await using server = await start({ breaks: [30_000, 30_000] });
  await rejectsWith(download(server, { maxBytes: 80_000 }), 'ERR_HTTP_TOO_LARGE');
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
