import assert from 'node:assert/strict';
import { readFileSync, readSync, realpathSync, writeSync } from 'node:fs';
import { test } from 'node:test';
import { openPty } from '../../../linux/pty.ts';

const ptmx = realpathSync('/dev/ptmx');

test('openPty() gives two connected ends, the master non-blocking', () => {
  using pty = openPty(ptmx);
  assert.throws(() => readSync(pty.master, Buffer.alloc(1)), { code: 'EAGAIN' });
  writeSync(pty.slave, 'ping\n');
  const bytes = Buffer.alloc(16);
  assert.equal(bytes.toString('latin1', 0, readSync(pty.master, bytes)), 'ping\r\n');
});

test('openPty() marks both ends close-on-exec', () => {
  using pty = openPty(ptmx);
  for (const fd of [pty.master, pty.slave]) {
    const flags = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '';
    assert.equal(Number.parseInt(flags, 8) & 0o2000000, 0o2000000);
  }
});

test('disposing of a pty closes both ends, also when the slave is closed already', () => {
  const pty = openPty(ptmx);
  pty.closeSlave();
  pty[Symbol.dispose]();
  pty[Symbol.dispose]();
  for (const fd of [pty.master, pty.slave])
    assert.throws(() => readSync(fd, Buffer.alloc(1)), { code: 'EBADF' });
});

test('openPty() of a file that is no ptmx fails and leaves nothing open', () => {
  assert.throws(() => openPty('/dev/null'), { code: 'ENOTTY', message: /unlock a terminal of \/dev\/null/ });
});
