import assert from 'node:assert/strict';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readSync,
  realpathSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { POLL, poll } from '../../../../linux/poll.ts';
import { openPty } from '../../../../linux/pty.ts';
import { enterRawMode, getTermios } from '../../../../linux/termios.ts';
import { getWindowSize, setWindowSize } from '../../../../linux/tty.ts';
import { CAPACITY } from '../../../../stage1/terminal/flow.ts';
import {
  copyWindowSize,
  drainTerminal,
  handle,
  isDone,
  openTerminal,
  pollSet,
  type Terminal,
} from '../../../../stage1/terminal/terminal.ts';

const ptmx = realpathSync('/dev/ptmx');

/** Runs the poll loop until nothing moves any more. */
function settle(terminal: Terminal): void {
  for (let turns = 0; turns < 1000; turns++) {
    const revents = poll(pollSet(terminal), 20);
    if (revents.size === 0) return;
    handle(terminal, revents);
    if (isDone(terminal)) return;
  }
  assert.fail('the terminal never comes to rest: its poll set spins');
}

/** A file that is open for reading, and has no name any more. */
function temporaryFile(content: string) {
  const directory = mkdtempSync(join(tmpdir(), 'tsrkt-terminal-'));
  writeFileSync(join(directory, 'input'), content);
  const fd = openSync(join(directory, 'input'), 'r');
  rmSync(directory, { recursive: true });
  return { fd, [Symbol.dispose]: () => closeSync(fd) };
}

/** All that can be read now. */
function readAll(fd: number): string {
  let text = '';
  for (
    const bytes = Buffer.alloc(4096);
    (poll([{ fd, events: POLL.POLLIN }], 20).get(fd) ?? 0) & POLL.POLLIN;
  )
    text += bytes.toString('latin1', 0, readSync(fd, bytes));
  return text;
}

test('keys go to the app and what it prints comes back, byte for byte', () => {
  using user = openPty(ptmx);
  using app = openPty(ptmx);
  using terminal = openTerminal({ input: user.slave, output: user.slave, master: app.master });
  writeSync(user.master, 'ls\n');
  settle(terminal);
  assert.equal(readAll(app.slave), 'ls\n');
  assert.equal(readAll(user.master), 'ls\r\n', 'the echo of the pty of the app, and of no other');
  writeSync(app.slave, 'file\n');
  settle(terminal);
  assert.equal(readAll(user.master), 'file\r\n');
});

test('Ctrl-C and Ctrl-Z are bytes for the app, not signals for us', () => {
  using user = openPty(ptmx);
  using app = openPty(ptmx);
  enterRawMode(app.slave);
  using terminal = openTerminal({ input: user.slave, output: user.slave, master: app.master });
  writeSync(user.master, '\x03\x1a');
  settle(terminal);
  assert.equal(readAll(app.slave), '\x03\x1a');
});

test('the modes of the user terminal are restored at the end', () => {
  using user = openPty(ptmx);
  using app = openPty(ptmx);
  const before = getTermios(user.slave);
  const terminal = openTerminal({ input: user.slave, output: user.slave, master: app.master });
  assert.notDeepEqual(getTermios(user.slave), before);
  terminal[Symbol.dispose]();
  assert.deepEqual(getTermios(user.slave), before);
});

test('the pty has the window size of the user terminal, also after it changed', () => {
  using user = openPty(ptmx);
  using app = openPty(ptmx);
  setWindowSize(user.master, { rows: 50, columns: 132 });
  using terminal = openTerminal({ input: user.slave, output: user.slave, master: app.master });
  assert.deepEqual(getWindowSize(app.slave), { rows: 50, columns: 132 });
  setWindowSize(user.master, { rows: 24, columns: 80 });
  copyWindowSize(terminal);
  assert.deepEqual(getWindowSize(app.slave), { rows: 24, columns: 80 });
});

test('a user who does not read holds up the app, not the supervisor', () => {
  using user = openPty(ptmx);
  using app = openPty(ptmx);
  enterRawMode(app.slave);
  using terminal = openTerminal({ input: user.slave, output: user.slave, master: app.master });
  const writer = openSync(`/proc/self/fd/${app.slave}`, constants.O_WRONLY | constants.O_NONBLOCK);
  let sent = 0;
  for (let turn = 0; turn < 200; turn++) {
    try {
      sent += writeSync(writer, 'x'.repeat(4096));
    } catch {
      if (terminal.screen.waiting.length === CAPACITY) break;
    }
    settle(terminal);
  }
  assert.equal(terminal.screen.waiting.length, CAPACITY);
  assert.equal(poll(pollSet(terminal), 0).size, 0, 'nothing to do until the user reads');
  let received = 0;
  for (let turn = 0; turn < 1000 && received < sent; turn++) {
    received += readAll(user.master).length;
    settle(terminal);
  }
  assert.equal(received, sent);
  closeSync(writer);
});

test('an app that does not read holds up the keys, and its output still comes', () => {
  using user = openPty(ptmx);
  using app = openPty(ptmx);
  enterRawMode(app.slave);
  using terminal = openTerminal({ input: user.slave, output: user.slave, master: app.master });
  for (let turn = 0; turn < 200 && terminal.keys.waiting.length < CAPACITY; turn++) {
    if (poll([{ fd: user.master, events: POLL.POLLOUT }], 0).size > 0)
      writeSync(user.master, 'k'.repeat(2048));
    settle(terminal);
  }
  writeSync(app.slave, 'still here');
  settle(terminal);
  assert.equal(readAll(user.master), 'still here');
});

test('the terminal is done when the app side is closed and the rest has been passed on', () => {
  using user = openPty(ptmx);
  using app = openPty(ptmx);
  using terminal = openTerminal({ input: user.slave, output: user.slave, master: app.master });
  writeSync(app.slave, 'bye');
  app.closeSlave();
  settle(terminal);
  assert.equal(isDone(terminal), true);
  assert.equal(readAll(user.master), 'bye');
});

test('drainTerminal() passes on what was printed although others keep the terminal open', () => {
  using user = openPty(ptmx);
  using app = openPty(ptmx);
  using terminal = openTerminal({ input: user.slave, output: user.slave, master: app.master });
  writeSync(app.slave, 'last words');
  drainTerminal(terminal, 1000);
  assert.equal(readAll(user.master), 'last words');
});

test('the end of an input that is no terminal is typed as Ctrl-D', () => {
  using app = openPty(ptmx);
  const input = openSync('/dev/null', 'r');
  const output = openSync('/dev/null', 'w');
  using terminal = openTerminal({ input, output, master: app.master });
  settle(terminal);
  assert.equal(poll([{ fd: app.slave, events: POLL.POLLIN }], 100).size, 1);
  assert.equal(readSync(app.slave, Buffer.alloc(16)), 0, 'the app reads end of file');
  for (const fd of [input, output]) closeSync(fd);
});

test('a user terminal that went away ends the keys and throws nothing', () => {
  const user = openPty(ptmx);
  using app = openPty(ptmx);
  using terminal = openTerminal({ input: user.slave, output: user.slave, master: app.master });
  closeSync(user.master);
  writeSync(app.slave, 'nobody reads this');
  settle(terminal);
  assert.equal(terminal.keys.ended, true);
  assert.equal(terminal.screen.broken, true);
  user.closeSlave();
});

test('input that ends in the middle of a line is read as it is, then as end of file', () => {
  using app = openPty(ptmx);
  using input = temporaryFile('no newline');
  const output = openSync('/dev/null', 'w');
  using terminal = openTerminal({ input: input.fd, output, master: app.master });
  settle(terminal);
  const bytes = Buffer.alloc(64);
  assert.equal(poll([{ fd: app.slave, events: POLL.POLLIN }], 100).size, 1);
  assert.equal(bytes.toString('latin1', 0, readSync(app.slave, bytes)), 'no newline');
  assert.equal(readSync(app.slave, bytes), 0);
  closeSync(output);
});
