import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type AciSite, aciSite } from './aci-site.ts';

const LONG_AGO = '2020-01-01T00:00:00.000Z';

/** The file in which it stands what the URL gave. */
function recordFile({ place }: AciSite): string {
  const directory = join(place.store.path, 'remote');
  const [name = assert.fail('no record'), ...others] = readdirSync(directory);
  assert.deepEqual(others, []);
  return join(directory, name);
}

const readRecord = (site: AciSite) => JSON.parse(readFileSync(recordFile(site), 'utf8'));
const changeRecord = (site: AciSite, changes: object) =>
  writeFileSync(recordFile(site), JSON.stringify({ ...readRecord(site), ...changes }));

/** Answers 304 to who has the file, with these headers. */
function serveUnchanged(site: AciSite, headers: Record<string, string>): void {
  site.unchanged = headers;
}

test('a fetch asks the server again only when max-age is over', async () => {
  await using site = await aciSite();
  site.served = { ...site.served, headers: { 'cache-control': 'max-age=600' } };
  await site.fetch();
  assert.equal(readRecord(site).maxAge, 600);
  await site.fetch();
  assert.equal(site.asked().length, 1);
  changeRecord(site, { asked: LONG_AGO });
  await site.fetch();
  assert.equal(site.asked()[0]?.headers['if-none-match'], '"1"');
});

test('a 304 says from when on the image holds again, and for how long', async () => {
  await using site = await aciSite();
  site.served = { ...site.served, headers: { 'cache-control': 'max-age=600' } };
  const { id } = await site.fetch();
  for (const [headers, maxAge] of [
    [{ etag: '"1"' }, 600],
    [{ etag: '"1"', 'cache-control': 'max-age=60' }, 60],
    [{ 'cache-control': 'no-cache' }, 0],
  ] as const) {
    changeRecord(site, { asked: LONG_AGO });
    serveUnchanged(site, headers);
    assert.equal((await site.fetch()).id, id);
    const record = readRecord(site);
    assert.deepEqual([record.maxAge, record.etag], [maxAge, '"1"']);
    assert.ok(Date.parse(record.asked) > Date.now() - 60_000);
    assert.equal(site.asked().at(-1)?.headers['if-none-match'], '"1"');
  }
  assert.deepEqual(site.partials(), []);
});

test('a 304 about another file than the one in the store is not believed', async () => {
  await using site = await aciSite();
  const { id } = await site.fetch();
  await site.change();
  serveUnchanged(site, { etag: '"2"' });
  assert.notEqual((await site.fetch()).id, id);
  assert.equal(readRecord(site).etag, '"2"');
});

test('a URL is kept without user information and query; a record of before, which has them, still counts', async () => {
  await using site = await aciSite();
  const secret = `${site.url.replace('//', '//me:secret@')}?token=secret`;
  const { id } = await site.fetch({}, secret);
  assert.doesNotMatch(readFileSync(recordFile(site), 'utf8'), /secret/);
  assert.equal(readRecord(site).url, site.url);
  changeRecord(site, { url: secret });
  site.asked();
  assert.equal((await site.fetch({ pullPolicy: 'never' }, secret)).id, id);
  assert.deepEqual(site.asked(), []);
});
