import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressOn } from '../../../cmd/progress.ts';
import { progressLine } from '../../../cmd/progress-line.ts';

const KIB = 1024;

const lines: readonly (readonly [done: number, total: number | undefined, ms: number, line: string])[] = [
  [0, 4 * KIB, 0, 'Downloading ACI: [>                             ] 0 B/4.0 KiB'],
  [2 * KIB, 4 * KIB, 0, 'Downloading ACI: [===============>              ] 2.0 KiB/4.0 KiB'],
  [2 * KIB, 4 * KIB, 1000, 'Downloading ACI: [===============>              ] 2.0 KiB/4.0 KiB 2.0 KiB/s 1s'],
  [KIB, 4 * KIB, 60_000, 'Downloading ACI: [=======>                      ] 1.0 KiB/4.0 KiB 17 B/s 3m00s'],
  [KIB, 400 * KIB, 60_000, 'Downloading ACI: [>                             ] 1.0 KiB/400 KiB 17 B/s 6h39m'],
  [4 * KIB, 4 * KIB, 0, 'Downloading ACI: [==============================] 4.0 KiB/4.0 KiB'],
  [0, 0, 0, 'Downloading ACI: [==============================] 0 B/0 B'],
  [9999, 4 * KIB, 0, 'Downloading ACI: [==============================] 9.8 KiB/4.0 KiB'],
  [2 * KIB, undefined, 0, 'Downloading ACI: 2.0 KiB'],
  [2 * KIB, undefined, 2000, 'Downloading ACI: 2.0 KiB 1.0 KiB/s'],
];

for (const [done, total, ms, line] of lines)
  test(`progressLine() of ${done} of ${total} bytes after ${ms} ms is ${line}`, () => {
    assert.equal(progressLine({ what: 'Downloading ACI', done, total, since: 0, before: 0 }, ms), line);
  });

test('progressLine() does not count what was here before as speed', () => {
  const track = { what: 'x', done: 3 * KIB, total: 4 * KIB, since: 0, before: 2 * KIB };
  assert.match(progressLine(track, 1000), / 1\.0 KiB\/s 1s$/);
});

/** A terminal that obeys "up" and "erase the rest of the line". */
function screen(width = 100) {
  const rows: string[] = [''];
  let row = 0;
  let time = 0;
  const take = (part: string) => {
    const up = /^\u001b\[(\d*)A$/.exec(part)?.[1];
    if (up !== undefined) row -= Number(up);
    else if (part === '\n') row++;
    else if (/^[^\u001b]/.test(part)) rows[row] = part;
    rows[row] ??= '';
  };
  const draw = (text: string) => text.split(/(\u001b\[\d*[AK]|\n)/).forEach(take);
  const wait = (ms: number) => {
    time += ms;
  };
  return { rows, draw, width, now: () => time, wait };
}

test('progressOn() gives each thing a line, complete ones first, and does not draw too often', () => {
  const terminal = screen();
  const progress = progressOn(terminal);
  progress.show('a', 1, 4);
  progress.show('b', 1, 4);
  assert.equal(terminal.rows.filter(Boolean).length, 1);
  terminal.wait(200);
  progress.show('b', 2, 4);
  progress.show('b', 4, 4);
  assert.deepEqual(
    terminal.rows.map((row) => row.slice(0, 2)),
    ['b:', 'a:', ''],
  );
  progress.show('a', 4, 4);
  progress.show('c', 4, 4);
  assert.deepEqual(
    terminal.rows.map((row) => row.slice(0, 2)),
    ['b:', 'a:', 'c:', ''],
  );
});

test('progressOn() draws below what was written meanwhile, and never wider than the terminal', () => {
  const terminal = screen(20);
  const progress = progressOn(terminal);
  progress.show('a', 1, 4);
  progress.interrupt();
  terminal.draw('warning\n');
  progress.show('a', 4, 4);
  assert.deepEqual(
    terminal.rows.map((row) => row.slice(0, 7)),
    ['a: [===', 'warning', 'a: [===', ''],
  );
  assert.ok(terminal.rows.every((row) => row.length <= 20));
});
