import assert from 'node:assert/strict';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { memoryFile, pipe } from '../../../../linux/descriptor.ts';
import { waitFor } from '../../../../linux/wait.ts';
import { startChild } from '../../../../stage1/program/start-child.ts';
import { compileLogWriter, logWriterImage } from '../../../../stage1/stdio/log-writer.ts';

type Piece = readonly ['stdout' | 'stderr', string];

/** The log of what is printed in these pieces: file by file. */
function logOf(pieces: readonly Piece[], limit = 1 << 20, before = 0): Readonly<Record<string, string>> {
  const place = mkdtempSync(join(tmpdir(), 'tsrkt-log-'));
  const [directory, file] = [openSync(place, 'r'), openSync(join(place, 'web'), 'a', 0o600)];
  const [stdout, stderr] = [pipe(), pipe()];
  const streams = { stdout: true, stderr: true };
  const image = memoryFile('log writer', logWriterImage({ name: 'web', length: before, limit }, streams));
  const context = { stdout: stdout.read, stderr: stderr.read, file, directory, image };
  try {
    const pid = startChild(compileLogWriter(context));
    for (const [stream, text] of pieces) writeSync(stream === 'stdout' ? stdout.write : stderr.write, text);
    closeSync(stdout.write);
    closeSync(stderr.write);
    assert.equal(waitFor(pid).exitCode, 0);
    const names = readdirSync(place).toSorted();
    assert.ok(names.every((name) => (statSync(join(place, name)).mode & 0o777) === 0o600));
    return Object.fromEntries(names.map((name) => [name, readFileSync(join(place, name), 'latin1')]));
  } finally {
    for (const fd of [directory, file, stdout.read, stderr.read, image]) closeSync(fd);
    rmSync(place, { recursive: true });
  }
}

function withoutTimes(log: string | undefined): readonly string[] {
  const now = Date.now() / 1000;
  return (log ?? '').split('\n').map((line) => {
    const [, time = '', text] = /^(\d{10}\.\d{9}) (.*)$/s.exec(line) ?? [undefined, undefined, line];
    assert.ok(time === '' || Math.abs(Number(time) - now) < 60, time);
    return text ?? '';
  });
}

test('the log writer writes a line with time and stream of each line, however it was written', () => {
  const log = (...texts: readonly string[]) =>
    withoutTimes(logOf(texts.map((text) => ['stdout', text]))['web']);
  assert.deepEqual(log('one\ntwo\n'), ['stdout F one', 'stdout F two', '']);
  const whole = ['one', 'two', '', 'three'].map((text) => `stdout F ${text}`);
  assert.deepEqual(log('o', 'n', 'e\nt', 'wo\n\nth', 'ree\n'), [...whole, '']);
  assert.deepEqual(log('no end'), ['stdout P no end', '']);
  assert.deepEqual(log(), ['']);
});

test('the log writer keeps the two streams of an app apart', () => {
  const { web } = logOf([
    ['stderr', 'a war'],
    ['stdout', 'one\n'],
    ['stderr', 'ning\n'],
  ]);
  assert.deepEqual(withoutTimes(web).toSorted(), ['', 'stderr F a warning', 'stdout F one']);
});

test('the log writer cuts a line that is longer than its 16 KiB, and loses nothing of it', () => {
  const long = '\xe9'.repeat(20_000);
  const bytes = Buffer.from(long, 'utf8').toString('latin1');
  const cut = 16 * 1024;
  const pieces = [bytes.slice(0, cut), bytes.slice(cut, 2 * cut)].map((text) => `stdout P ${text}`);
  const expected = [...pieces, `stdout F ${bytes.slice(2 * cut)}`, 'stdout F b', ''];
  assert.deepEqual(withoutTimes(logOf([['stdout', `${long}\nb\n`]])['web']), expected);
});

test('a log never grows above its limit: it is renamed, and what was renamed before is gone', () => {
  const lines = Array.from({ length: 1000 }, (_, i): Piece => ['stdout', `line ${i}\n`]);
  const files = logOf(lines, 4096);
  assert.deepEqual(Object.keys(files), ['web', 'web.1']);
  for (const log of Object.values(files)) assert.ok(log.length < 4096 + 50, `${log.length}`);
  const all = withoutTimes(`${files['web.1']}${files['web']}`);
  assert.equal(all.at(-2), 'stdout F line 999');
  assert.ok(all.length > 100);
});

test('what a log holds when the writer starts counts', () => {
  assert.deepEqual(Object.keys(logOf([['stdout', 'one\n']], 4096, 4090)), ['web', 'web.1']);
});
