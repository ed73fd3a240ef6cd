import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  existsSync,
  ftruncateSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ResumableSource, stageBlob } from '../../../../image/store/blob.ts';
import { partialDirectory, type Store } from '../../../../image/store/layout.ts';
import { claimPartialDownload, type PartialDownload } from '../../../../image/store/partial-download.ts';
import { bootId } from '../../../../linux/boot-id.ts';
import { makeDigest } from '../../../../schema/digest.ts';
import { makeStore } from './store-place.ts';

const url = new URL('https://user:secret@example.com/a.aci?token=secret');
const content = Buffer.from('the whole of the image');
const digest = makeDigest('sha512', createHash('sha512').update(content).digest('hex'));
const validators = { etag: '"a"', maxAge: 0 };

const claim = (store: Store) => claimPartialDownload(store, url);

/** Gives the file from `start` on, up to `end`, where the connection breaks. */
async function* rest(start: number, end = content.length): AsyncGenerator<Buffer> {
  for (let at = start; at < end; at += 5) yield content.subarray(at, Math.min(at + 5, end));
  if (end < content.length) throw Object.assign(new Error('connection broke'), { code: 'ECONNRESET' });
}

function source(partial: PartialDownload, bytes: AsyncIterable<Buffer>, start = 0): ResumableSource {
  return { partial, download: { start, total: content.length, validators, bytes } };
}

/** A store in which a download broke after ten bytes. */
async function broken(changes: Partial<ResumableSource['download']> = {}) {
  const place = makeStore();
  const begun = source(await claim(place.store), rest(0, 10));
  const staged = stageBlob(place.store, { ...begun, download: { ...begun.download, ...changes } });
  await assert.rejects(staged, { code: 'ECONNRESET' });
  return place;
}

const files = (store: Store) => readdirSync(partialDirectory(store)).sort();
const notesFile = (store: Store) => join(partialDirectory(store), files(store)[1] ?? assert.fail('no notes'));

test('stageBlob() keeps what came of a download that broke, and goes on with it', async () => {
  using place = await broken();
  using partial = await claim(place.store);
  assert.deepEqual(partial.held, { offset: 10, validators: { etag: '"a"' }, total: content.length });
  const staged = await stageBlob(place.store, source(partial, rest(10), 10));
  assert.deepEqual(readFileSync(staged.path), content);
  assert.equal(staged.digest, digest);
  staged[Symbol.dispose]();
  assert.deepEqual(files(place.store), []);
});

test('stageBlob() throws away what came earlier where the server starts again', async () => {
  using place = await broken();
  using partial = await claim(place.store);
  using staged = await stageBlob(place.store, source(partial, rest(0)));
  assert.equal(staged.digest, digest);
});

test('stageBlob() keeps nothing of the URL in cas/partial, and nothing that others may read', async () => {
  using place = await broken();
  const names = files(place.store);
  assert.match(names.join(), /^url-[0-9a-f]{64},url-[0-9a-f]{64}\.json$/);
  const notes = readFileSync(notesFile(place.store), 'utf8');
  assert.doesNotMatch(notes, /secret|example/);
});

test('stageBlob() keeps nothing that could not be gone on with', async () => {
  using weak = await broken({ validators: { etag: 'W/"a"', maxAge: 0 } });
  assert.deepEqual(files(weak.store), []);
  using place = makeStore();
  const refused = async function* () {
    yield content;
    throw Object.assign(new Error('changed'), { code: 'ERR_HTTP_CHANGED' });
  };
  const staged = stageBlob(place.store, source(await claim(place.store), refused()));
  await assert.rejects(staged, { code: 'ERR_HTTP_CHANGED' });
  assert.deepEqual(files(place.store), []);
});

test('claimPartialDownload() goes on with nothing of another boot, or whose notes are damaged, lost or too large', async () => {
  const spoils: ((path: string) => void)[] = [
    (path) => writeFileSync(path, readFileSync(path, 'utf8').replace(bootId(), 'another')),
    (path) => writeFileSync(path, readFileSync(path).subarray(0, 20)),
    (path) => writeFileSync(path, `${readFileSync(path, 'utf8')}${' '.repeat(5000)}`),
    (path) => rmSync(path),
  ];
  for (const spoil of spoils) {
    using place = await broken();
    spoil(notesFile(place.store));
    using partial = await claim(place.store);
    assert.equal(partial.held.offset, 0);
    using staged = await stageBlob(place.store, source(partial, rest(0)));
    assert.equal(staged.digest, digest);
  }
});

test('claimPartialDownload() follows no link in the place of the notes', async () => {
  using place = await broken();
  const path = notesFile(place.store);
  const outside = join(place.directory, 'outside');
  renameSync(path, outside);
  symlinkSync(outside, path);
  using partial = await claim(place.store);
  assert.equal(partial.held.offset, 0);
  using _staged = await stageBlob(place.store, source(partial, rest(0)));
  assert.ok(existsSync(outside));
});

test('claimPartialDownload() asks for the last byte of a file that came whole, and goes on with none that is too long', async () => {
  using place = await broken();
  {
    using partial = await claim(place.store);
    ftruncateSync(partial.fd, content.length);
  }
  {
    using partial = await claim(place.store);
    assert.equal(partial.held.offset, content.length - 1);
    ftruncateSync(partial.fd, content.length + 1);
  }
  using partial = await claim(place.store);
  assert.equal(partial.held.offset, 0);
});
