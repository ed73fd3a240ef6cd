import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cniResult } from '../../../../schema/cni/result.ts';
import { netInfo } from '../../../../schema/pod-files.ts';
import { netInfoEntry } from '../../../../stage1/network/net-info.ts';

const network = {
  name: 'default',
  args: 'IP=172.16.28.2',
  conf: { cniVersion: '1.0.0', name: 'default', plugins: [] },
};
const pluginPath = '/usr/lib/cni/ptp';

/** As the ptp plugin 1.1.1 prints it. */
const ptp = {
  cniVersion: '1.0.0',
  interfaces: [
    { name: 'veth56758582', mac: '5e:93:a8:9a:b5:89' },
    { name: 'eth0', mac: 'e2:86:4e:18:79:30', sandbox: '/run/netns/pod' },
  ],
  ips: [
    { interface: 1, address: 'fd00:1234::2/64', gateway: 'fd00:1234::1' },
    { interface: 1, address: '172.16.28.2/23', gateway: '172.16.28.1' },
    { interface: 0, address: '192.0.2.1/32' },
  ],
  dns: {},
};

test('netInfoEntry() tells the IPv4 address in the pod as rkt does, and all addresses', () => {
  const entry = netInfoEntry({ network, result: cniResult(ptp), pluginPath }, 'eth0');
  assert.deepEqual(entry, {
    netName: 'default',
    ifName: 'eth0',
    ip: '172.16.28.2',
    mask: '255.255.254.0',
    hostIP: '172.16.28.1',
    ips: ['fd00:1234::2/64', '172.16.28.2/23'],
    args: 'IP=172.16.28.2',
    pluginPath: '/usr/lib/cni/ptp',
  });
  assert.deepEqual(netInfo([entry]), [entry], 'what is written can be read');
});

test('netInfoEntry() reads results of the first CNI versions', () => {
  const result = cniResult({ ip4: { ip: '10.1.0.7/32' } });
  const entry = netInfoEntry({ network: { ...network, args: '' }, result, pluginPath }, 'eth1');
  assert.deepEqual(entry, {
    netName: 'default',
    ifName: 'eth1',
    ip: '10.1.0.7',
    mask: '255.255.255.255',
    ips: ['10.1.0.7/32'],
    pluginPath,
  });
});

test('netInfoEntry() of a network without addresses has none', () => {
  const entry = netInfoEntry({ network, result: cniResult({}), pluginPath }, 'eth0');
  assert.equal('ip' in entry, false);
  assert.deepEqual(entry.ips, []);
});
