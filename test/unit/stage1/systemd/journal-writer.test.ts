import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { memoryFile, pipe } from '../../../../linux/descriptor.ts';
import { bindUnix, connectUnix, receiveDatagram } from '../../../../linux/unix-socket.ts';
import { waitFor } from '../../../../linux/wait.ts';
import { compileJournalWriter, journalWriterImage } from '../../../../stage1/compile/journal-writer.ts';
import { startChild } from '../../../../stage1/program/start-child.ts';

/** The entries that a writer makes of what is printed in these pieces. */
function entriesOf(pieces: readonly string[]): readonly string[] {
  const directory = mkdtempSync(join(tmpdir(), 'tsrkt-journal-'));
  const path = join(directory, 'socket');
  const receiver = bindUnix(path);
  const { read, write } = pipe();
  const image = memoryFile('writer', journalWriterImage({ PRIORITY: '6', TSRKT_APP: 'web' }));
  const journal = connectUnix(path, 'datagram');
  try {
    const pid = startChild(compileJournalWriter({ input: read, journal, image }));
    for (const piece of pieces) writeSync(write, piece);
    closeSync(write);
    assert.equal(waitFor(pid).exitCode, 0);
    const entries: string[] = [];
    for (let bytes = receiveDatagram(receiver, 1 << 17); bytes; bytes = receiveDatagram(receiver, 1 << 17))
      entries.push(bytes.toString());
    return entries;
  } finally {
    for (const fd of [read, image, journal, receiver]) closeSync(fd);
    rmSync(directory, { recursive: true });
  }
}

const entry = (line: string) => `PRIORITY=6\nTSRKT_APP=web\nMESSAGE=${line}\n`;

test('the journal writer makes an entry of each line, however it was written', () => {
  assert.deepEqual(entriesOf(['one\ntwo\n']), [entry('one'), entry('two')]);
  assert.deepEqual(entriesOf(['o', 'n', 'e\nt', 'wo\n\nth', 'ree']), ['one', 'two', '', 'three'].map(entry));
  assert.deepEqual(entriesOf([]), []);
});

test('the journal writer cuts a line that is longer than its 48 KiB, and loses nothing of it', () => {
  const long = 'a'.repeat(60_000);
  const cut = 48 * 1024;
  assert.deepEqual(entriesOf([`${long}\nb\n`]), [long.slice(0, cut), long.slice(cut), 'b'].map(entry));
});
