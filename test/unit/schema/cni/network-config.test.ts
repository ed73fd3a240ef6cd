import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkConfig } from '../../../../schema/cni/network-config.ts';
import { keeps, refuses } from '../check-decoder.ts';

const list = {
  cniVersion: '1.0.0',
  cniVersions: ['0.4.0', '1.0.0'],
  name: 'dbnet',
  disableCheck: true,
  plugins: [
    {
      type: 'bridge',
      keyA: ['some more', 'plugin specific', 'configuration'],
      ipam: { type: 'host-local', subnet: '10.1.0.0/16', gateway: '10.1.0.1' },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
};

test('networkConfig takes a list and keeps what only plugins know', () => {
  keeps(networkConfig, [list]);
});

test('networkConfig makes a list of a single plugin, whatever its age', () => {
  const conf = { name: 'default', type: 'ptp', ipMasq: true, ipam: { type: 'host-local' } };
  assert.deepEqual(networkConfig(conf), {
    cniVersion: '0.1.0',
    name: 'default',
    plugins: [{ type: 'ptp', ipMasq: true, ipam: { type: 'host-local' } }],
  });
});

test('networkConfig refuses names that become paths or rules on the host', () => {
  const network = 'expected the name of a network (letters, digits, and after the first "_", ".", "-")';
  const plugin = 'expected the file name of a plugin';
  refuses(networkConfig, [
    [{ ...list, name: '../x' }, `name: ${network}, got "../x"`],
    [{ ...list, name: 'a b' }, `name: ${network}, got "a b"`],
    [{ type: 'ptp' }, 'name: missing'],
    [{ ...list, plugins: [] }, 'plugins: at least one plugin is needed'],
    [{ ...list, plugins: [{ type: '../../bin/sh' }] }, `plugins[0].type: ${plugin}, got "../../bin/sh"`],
    [{ ...list, plugins: [{ type: '..' }] }, `plugins[0].type: ${plugin}, got ".."`],
    [{ name: 'x', type: 'ptp', ipam: { type: 'a/b' } }, `ipam.type: ${plugin}, got "a/b"`],
    [{ ...list, cniVersion: '1' }, 'cniVersion: expected a CNI version such as "1.0.0", got "1"'],
    [
      { ...list, plugins: [{ type: 'a', capabilities: { dns: 1 } }] },
      'plugins[0].capabilities.dns: expected true or false, got 1',
    ],
  ]);
});
