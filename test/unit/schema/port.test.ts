import assert from 'node:assert/strict';
import { test } from 'node:test';
import { port } from '../../../schema/port.ts';
import { refuses } from './check-decoder.ts';

const www = { name: 'www', protocol: 'tcp', port: 80 };

test('port is one port unless count says more', () => {
  assert.deepEqual(port(www), { ...www, count: 1, socketActivated: false });
  assert.deepEqual(port({ ...www, count: 0 }), { ...www, count: 1, socketActivated: false });
  assert.equal(port({ ...www, port: 1, count: 65535 }).count, 65535);
});

test('port stays below 65536', () => {
  refuses(port, [
    [{ ...www, port: 0 }, 'port: expected an integer from 1 to 65535, got 0'],
    [{ ...www, port: 65536 }, 'port: expected an integer from 1 to 65535, got 65536'],
    [{ ...www, port: 65535, count: 2 }, 'count: the last of 2 ports from 65535 on is above 65535'],
    [{ ...www, protocol: 'sctp' }, 'protocol: expected one of "tcp", "udp", got "sctp"'],
  ]);
});
