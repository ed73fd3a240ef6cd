import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { appendLookaside } from '../../../../image/registry/append-lookaside.ts';
import { sampleImage } from '../../../registry/sample-image.ts';

const top = mkdtempSync(join(tmpdir(), 'tsrkt-lookaside-'));
after(() => rmSync(top, { recursive: true }));

const { digest } = sampleImage();
let count = 0;

function place(...there: readonly string[]) {
  const base = join(top, String(count++));
  const directory = join(base, `team/app@${digest.replace(':', '=')}`);
  mkdirSync(directory, { recursive: true });
  for (const [index, text] of there.entries()) writeFileSync(join(directory, `signature-${index + 1}`), text);
  return {
    directory,
    append: (...messages: readonly string[]) =>
      appendLookaside(
        pathToFileURL(base),
        'team/app',
        digest,
        messages.map((each) => Buffer.from(each)),
      ),
    texts: () =>
      readdirSync(directory)
        .sort()
        .map((name) => readFileSync(join(directory, name), 'utf8')),
  };
}

test('appendLookaside() adds signatures after those that are there, each once', () => {
  const { append, texts } = place('a', 'b');
  append('c', 'a', 'd', 'c');
  append('d');
  assert.deepEqual(texts(), ['a', 'b', 'c', 'd']);
});

test('appendLookaside() writes over nothing, and through no link', () => {
  const { append, directory } = place('a');
  const target = join(top, 'target');
  symlinkSync(target, join(directory, 'signature-2'));
  append('b');
  assert.equal(readFileSync(join(directory, 'signature-3'), 'utf8'), 'b');
  assert.throws(() => readFileSync(target), { code: 'ENOENT' });
});

test('appendLookaside() keeps to the number of signatures that is read, and says so', () => {
  const { append, texts } = place(...Array.from({ length: 32 }, (_, each) => `${each}`));
  append('31');
  assert.throws(() => append('more'), { code: 'ERR_LOOKASIDE_FULL' });
  assert.equal(texts().length, 32);
});
