import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseUserNetwork } from '../../../../stage0/network/user-network.ts';

test('chooseUserNetwork() knows default, host and none', () => {
  assert.deepEqual(chooseUserNetwork([]), { mode: 'user', ports: [] });
  assert.deepEqual(chooseUserNetwork(['default']), { mode: 'user', ports: [] });
  assert.deepEqual(chooseUserNetwork(['host']), { mode: 'host' });
  assert.deepEqual(chooseUserNetwork(['none']), { mode: 'none' });
});

for (const given of [['other'], ['default', 'other'], ['default,host'], ['default-restricted'], ['all']])
  test(`--net=${given.join(' --net=')} is root's, and an ordinary user is told so`, () => {
    assert.throws(() => chooseUserNetwork(given), {
      code: 'ERR_NETWORK',
      message: `--net=${given.join(',')}: only root can join pods to networks`,
    });
  });

test('chooseUserNetwork() refuses arguments, which only plugins have', () => {
  assert.throws(() => chooseUserNetwork(['default:IP=1.2.3.4']), /takes no arguments/);
});
