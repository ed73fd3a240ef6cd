import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import { ipAddress, ipNetwork, ipVersion, splitNetwork } from '../../../schema/ip.ts';
import { keeps, refuses, refusesAll } from './check-decoder.ts';

const texts = [
  ...['1.2.3.4', '0.0.0.0', '255.255.255.255', '1.2.3', '01.2.3.4', '256.1.1.1', '1.2.3.4.', '1.2.3.4.5', ''],
  ...[
    '::',
    '::1',
    '1::',
    'fe80::1',
    '1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7::',
    '::2:3:4:5:6:7:8',
    '::1:2:3:4:5:6:7:8',
  ],
  ...['1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', ':1', '1:', ':::', '12345::', 'g::', '1::2::3', ':1::2', '1::2:'],
  ...[
    '::ffff:1.2.3.4',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '1:2:3:4:5:6:1.2.3.4',
    '1:2:3:4:5:6:7:1.2.3.4',
    '::1.2.3.256',
  ],
];

test('ipVersion() agrees with node:net', () => {
  for (const text of texts) assert.equal(ipVersion(text) ?? 0, isIP(text), text);
});

test('ipAddress refuses zones: they mean something on one host only', () => {
  keeps(ipAddress, ['172.16.28.1', 'fd00::1']);
  refuses(ipAddress, [['fe80::1%eth0', 'expected an IP address, got "fe80::1%eth0"']]);
});

test('ipNetwork takes an address and a prefix length it can have', () => {
  keeps(ipNetwork, ['10.1.2.3/24', '0.0.0.0/0', '::/0', 'fd00::1/128']);
  refusesAll(ipNetwork, [
    '10.1.2.3',
    '10.1.2.3/33',
    '10.1.2.3/024',
    '10.1.2.3/',
    '::/129',
    '/24',
    '10.1.2.3/24/1',
  ]);
  assert.deepEqual(splitNetwork(ipNetwork('10.1.2.3/24')), { address: '10.1.2.3', prefix: 24 });
});
