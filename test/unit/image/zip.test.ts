import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readBody } from '../../../image/http/body.ts';
import { zipFiles } from '../../../image/zip.ts';
import { type ZipMember, zip } from '../../registry/zip.ts';

const top = mkdtempSync(join(tmpdir(), 'tsrkt-zip-'));
after(() => rmSync(top, { recursive: true }));

let count = 0;
function write(bytes: Buffer): string {
  const path = join(top, `${count++}.zip`);
  writeFileSync(path, bytes);
  return path;
}

const open = (members: readonly ZipMember[]) => zipFiles(write(zip(members)));

test('zipFiles() reads stored and deflated files, from any offset', async () => {
  using files = await open([
    { name: 'a', content: 'stored' },
    { name: 'd/', content: '' },
    { name: 'd/b', content: 'deflated', deflate: true, mode: 0o100644 },
  ]);
  const read = async (name: string, offset?: number) => (await readBody(files.open(name, offset))).toString();
  assert.equal(await read('a'), 'stored');
  assert.equal(await read('d/b'), 'deflated');
  assert.equal(await read('d/b', 2), 'flated');
  assert.equal(files.size('d/b'), 8);
  assert.equal(files.size('none'), undefined);
});

const bad: Record<string, readonly ZipMember[]> = {
  'a name given twice': [
    { name: 'a', content: '1' },
    { name: 'a', content: '2' },
  ],
  'a symbolic link': [{ name: 'a', content: '/etc/passwd', mode: 0o120777 }],
  'a device': [{ name: 'a', content: '', mode: 0o020666 }],
  'a name that leads upwards': [{ name: '../a', content: '' }],
  'an absolute name': [{ name: '/a', content: '' }],
  'a backslash': [{ name: 'a\\b', content: '' }],
  'an encrypted file': [{ name: 'a', content: 'x', flags: 1 }],
  'an unknown compression': [{ name: 'a', content: 'x', method: 99 }],
  'a bomb': [{ name: 'a', content: Buffer.alloc(64 << 20), deflate: true }],
};

for (const [what, members] of Object.entries(bad))
  test(`zipFiles() refuses ${what}`, async () => {
    await assert.rejects(open(members), { code: 'ERR_IMAGE_FILES' });
  });

test('zipFiles() gives no more bytes than the directory claims', async () => {
  using files = await open([{ name: 'a', content: Buffer.alloc(2 << 20), deflate: true, claimedSize: 1000 }]);
  await assert.rejects(readBody(files.open('a')), { code: 'ERR_IMAGE_FILES' });
});

for (const [what, bytes] of Object.entries({
  nothing: Buffer.alloc(0),
  'no zip': Buffer.alloc(1000),
  'half a zip': zip([{ name: 'a', content: 'x'.repeat(1000) }]).subarray(0, 500),
}))
  test(`zipFiles() refuses ${what}`, async () => {
    await assert.rejects(zipFiles(write(bytes)), { code: 'ERR_IMAGE_FILES' });
  });

test('zipFiles() survives any single damaged byte', async () => {
  const whole = zip([{ name: 'a', content: 'hello'.repeat(20), deflate: true }]);
  for (let at = 0; at < whole.length; at++) {
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    const outcome = await readAll(write(bytes));
    assert.ok(
      outcome === undefined || outcome === 'ERR_IMAGE_FILES' || /^(Z|ERR_)/.test(outcome),
      `${at}: ${outcome}`,
    );
  }
});

/** Reads every file; what the failure's code is, if there is one. */
async function readAll(path: string): Promise<string | undefined> {
  try {
    using files = await zipFiles(path);
    if (files.size('a') !== undefined) await readBody(files.open('a'));
    return undefined;
  } catch (error) {
    return String((error as { code?: string }).code);
  }
}
