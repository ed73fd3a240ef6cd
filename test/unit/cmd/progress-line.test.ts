import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressLine, progressText } from '../../../cmd/progress-line.ts';

const texts: readonly [number, number | undefined, string][] = [
  [0, 4096, 'Downloading ACI: [>                             ] 0 B/4.0 KiB'],
  [2048, 4096, 'Downloading ACI: [===============>              ] 2.0 KiB/4.0 KiB'],
  [4096, 4096, 'Downloading ACI: [==============================] 4.0 KiB/4.0 KiB'],
  [0, 0, 'Downloading ACI: [==============================] 0 B/0 B'],
  [9999, 4096, 'Downloading ACI: [==============================] 9.8 KiB/4.0 KiB'],
  [2048, undefined, 'Downloading ACI: 2.0 KiB'],
];

for (const [done, total, text] of texts)
  test(`progressText() of ${done} of ${total} bytes is ${text}`, () => {
    assert.equal(progressText('Downloading ACI', done, total), text);
  });

test('progressLine() draws on one line, not too often, and ends it when all has come', () => {
  const drawn: string[] = [];
  const show = progressLine(true, (text) => drawn.push(text));
  for (const done of [1, 2, 3, 4]) show('x', done, 4);
  assert.equal(drawn.length, 2);
  assert.ok(drawn.every((text) => text.startsWith('\r')));
  assert.deepEqual(
    drawn.map((text) => text.endsWith('\n')),
    [false, true],
  );
});

test('progressLine() says nothing where nobody looks', () => {
  const show = progressLine(false, () => assert.fail('drawn'));
  show('x', 1, 1);
});
