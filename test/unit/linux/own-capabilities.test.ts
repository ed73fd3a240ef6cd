import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCapabilities } from '../../../linux/own-capabilities.ts';

const status = (permitted: string, bounding: string) =>
  `Name:\tx\nCapInh:\t0000000000000000\nCapPrm:\t${permitted}\nCapEff:\t0000000000000000\nCapBnd:\t${bounding}\n`;

test('parseCapabilities() names what is both permitted and within the bounds', () => {
  assert.deepEqual(parseCapabilities(status('0000000000000023', '0000000000000021')), [
    'CAP_CHOWN',
    'CAP_KILL',
  ]);
  assert.equal(parseCapabilities(status('000001ffffffffff', '000001ffffffffff')).length, 41);
  assert.deepEqual(parseCapabilities(''), []);
});
