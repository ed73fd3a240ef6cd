import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheValidators, conditionalHeaders, isFresh } from '../../../../image/http/cache.ts';
import { continuation, isSameFile, rangeHeaders, strongValidator } from '../../../../image/http/range.ts';
import { nextHop } from '../../../../image/http/redirect.ts';
import { isPassingStatus, retryDelay } from '../../../../image/http/retry.ts';

const from = (headers: Record<string, string>) => new Headers(headers);

test('cacheValidators() takes max-age, and 0 for no-store and no-cache', () => {
  assert.equal(cacheValidators(from({ 'cache-control': 'public, max-age=60' })).maxAge, 60);
  assert.equal(cacheValidators(from({ 'cache-control': 'max-age=60, no-cache' })).maxAge, 0);
  assert.equal(cacheValidators(from({ 'cache-control': 'no-store' })).maxAge, 0);
  assert.equal(cacheValidators(from({ 'cache-control': 'max-age=-1' })).maxAge, 0);
  assert.equal(cacheValidators(from({})).maxAge, 0);
});

test('cacheValidators() keeps no validator it could not send back', () => {
  assert.equal(cacheValidators(from({ etag: `"${'x'.repeat(300)}"` })).etag, undefined);
  assert.equal(cacheValidators(from({ etag: '"é"' })).etag, undefined);
  assert.equal(cacheValidators(from({ etag: 'W/"a"' })).etag, 'W/"a"');
});

test('isFresh() holds from the time of the answer until max-age later, and not before it (clock set back)', () => {
  const validators = { maxAge: 10 };
  assert.equal(isFresh(validators, 1000, 10_999), true);
  assert.equal(isFresh(validators, 1000, 11_000), false);
  assert.equal(isFresh(validators, 1000, 999), false);
});

test('conditionalHeaders() prefers the entity tag', () => {
  assert.deepEqual(conditionalHeaders({ etag: '"a"', lastModified: 'x' }), { 'if-none-match': '"a"' });
  assert.deepEqual(conditionalHeaders({ lastModified: 'x' }), { 'if-modified-since': 'x' });
  assert.deepEqual(conditionalHeaders({}), {});
});

const lastModified = 'Thu, 01 Jan 2026 00:00:00 GMT';
const settled = 'Thu, 01 Jan 2026 00:01:00 GMT';
const fresh = 'Thu, 01 Jan 2026 00:00:59 GMT';

test('rangeHeaders() sends If-Range with strong validators only', () => {
  assert.deepEqual(rangeHeaders(0, { etag: '"a"' }), {});
  assert.deepEqual(rangeHeaders(5, { etag: '"a"' }), { range: 'bytes=5-', 'if-range': '"a"' });
  assert.deepEqual(rangeHeaders(5, { etag: 'W/"a"' }), { range: 'bytes=5-' });
  assert.deepEqual(rangeHeaders(5, { lastModified, date: settled }), {
    range: 'bytes=5-',
    'if-range': lastModified,
  });
});

test('strongValidator() takes a Last-Modified only if it was a minute old, and there is no entity tag', () => {
  assert.equal(strongValidator({ lastModified, date: settled }), lastModified);
  assert.equal(strongValidator({ lastModified, date: fresh }), undefined);
  assert.equal(strongValidator({ lastModified }), undefined);
  assert.equal(strongValidator({ lastModified: 'yesterday', date: settled }), undefined);
  assert.equal(strongValidator({ etag: 'W/"a"', lastModified, date: settled }), undefined);
  assert.equal(strongValidator({ etag: 'a', lastModified, date: settled }), undefined);
  assert.equal(strongValidator({ etag: '"a"' }), '"a"');
});

test('isSameFile() takes parts together only by a strong validator that both have', () => {
  assert.equal(isSameFile({ etag: '"a"' }, { etag: '"a"' }), true);
  assert.equal(isSameFile({ etag: '"a"' }, {}), false);
  assert.equal(isSameFile({}, {}), false);
  assert.equal(isSameFile({ etag: 'W/"a"' }, { etag: 'W/"a"' }), false);
  assert.equal(isSameFile({ lastModified, date: settled }, { lastModified }), true);
  assert.equal(isSameFile({ lastModified, date: settled }, { lastModified, etag: '"a"' }), false);
});

const held = (more: object = {}) => ({ offset: 5, validators: { etag: '"a"' }, ...more });

test('continuation() reads Content-Range strictly', () => {
  const etag = '"a"';
  const answered = (range: string, more = {}) =>
    continuation(206, from({ 'content-range': range, etag }), held(more));
  assert.deepEqual(answered('bytes 5-9/10'), { start: 5, total: 10 });
  assert.deepEqual(answered('bytes 5-9/*'), { start: 5 });
  assert.deepEqual(answered('bytes 5-9/*', { total: 10 }), { start: 5 });
  assert.deepEqual(continuation(200, from({ 'content-length': '10' }), held()), { start: 0, total: 10 });
  for (const bad of [
    '',
    'bytes 4-9/10',
    'bytes 5-8/10',
    'bytes */10',
    'bytes=5-9/10',
    'bytes 5-9/10, 0-1/10',
  ])
    assert.throws(() => answered(bad), { code: 'ERR_HTTP_RANGE' });
});

test('continuation() refuses a 206 that does not show to be of the same file', () => {
  const range = { 'content-range': 'bytes 5-9/10' };
  const answered = (headers: object, more = {}) =>
    continuation(206, from({ ...range, ...headers }), held(more));
  for (const headers of [{}, { etag: '"b"' }, { etag: 'W/"a"' }, { 'last-modified': lastModified }])
    assert.throws(() => answered(headers), { code: 'ERR_HTTP_RANGE' });
  assert.throws(() => answered({ etag: '"a"' }, { total: 11 }), { code: 'ERR_HTTP_RANGE' });
  assert.deepEqual(answered({}, { isImmutable: true }), { start: 5, total: 10 });
});

test('nextHop() resolves relative locations and keeps credentials within the origin', () => {
  const base = new URL('https://a.example/x/y');
  const hop = (to: string) => nextHop(base, to, false);
  assert.deepEqual(hop('../z'), { url: new URL('https://a.example/z'), keepsCredentials: true });
  assert.equal(hop('https://a.example:444/').keepsCredentials, false);
  assert.equal(hop('https://sub.a.example/').keepsCredentials, false);
  assert.equal(hop('//b.example/').keepsCredentials, false);
  assert.throws(() => hop('http://a.example/'), /from https to http:\/\/a\.example\/$/);
  assert.throws(() => nextHop(base, null, false), { code: 'ERR_HTTP_REDIRECT' });
});

test('retryDelay() doubles, and obeys Retry-After up to a minute', () => {
  assert.equal(retryDelay(0, null, 0, 0.5), 250);
  assert.equal(retryDelay(3, null, 0, 0.5), 2000);
  assert.equal(retryDelay(0, '7', 0, 0), 7000);
  assert.equal(retryDelay(0, '86400', 0, 0), 60_000);
  assert.equal(retryDelay(0, 'Thu, 01 Jan 1970 00:00:09 GMT', 4000, 0), 5000);
  assert.equal(retryDelay(0, 'soon', 0, 0.5), 250);
});

test('isPassingStatus() is true for 429 and the server’s own trouble only', () => {
  assert.deepEqual(
    [200, 400, 401, 404, 429, 500, 501, 502, 503, 504].filter(isPassingStatus),
    [429, 500, 502, 503, 504],
  );
});
