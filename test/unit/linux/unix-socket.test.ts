import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  bindUnix,
  connectUnix,
  packUnixAddress,
  receiveDatagram,
  sendUnix,
} from '../../../linux/unix-socket.ts';

test('packUnixAddress() ends a path with NUL and begins an abstract name with it', () => {
  assert.equal(packUnixAddress('/a').toString('latin1'), '\x01\x00/a\x00');
  assert.equal(packUnixAddress('@a').toString('latin1'), '\x01\x00\x00a');
  assert.throws(() => packUnixAddress(`/${'a'.repeat(107)}`), { code: 'ENAMETOOLONG' });
  assert.throws(() => packUnixAddress(''), { code: 'ENAMETOOLONG' });
});

test('datagrams arrive whole and in order, by a path as by an abstract name; reading does not wait', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tsrkt-unix-'));
  for (const address of [join(directory, 'socket'), `@tsrkt-test-${process.pid}`]) {
    const receiver = bindUnix(address);
    const sender = connectUnix(address, 'datagram');
    for (const text of ['one', 'two']) sendUnix(sender, Buffer.from(text));
    assert.equal(receiveDatagram(receiver, 100)?.toString(), 'one');
    assert.equal(receiveDatagram(receiver, 2)?.toString(), 'tw');
    assert.equal(receiveDatagram(receiver, 100), undefined);
    for (const fd of [receiver, sender]) closeSync(fd);
  }
  rmSync(directory, { recursive: true });
});

test('connectUnix() names the address that nobody listens on', () => {
  assert.throws(() => connectUnix('/nonexistent/socket', 'stream'), {
    code: 'ENOENT',
    message: /connect to \/nonexistent/,
  });
});
