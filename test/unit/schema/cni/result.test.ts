import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cniError } from '../../../../schema/cni/error.ts';
import { cniResult } from '../../../../schema/cni/result.ts';
import { keeps, refuses } from '../check-decoder.ts';

const result = {
  interfaces: [
    { name: 'veth1', mac: '00:11:22:33:44:66' },
    { name: 'eth0', mac: '99:88:77:66:55:44', sandbox: '/var/run/netns/blue' },
  ],
  ips: [{ address: '10.1.0.5/16', gateway: '10.1.0.1', interface: 1 }],
  routes: [{ dst: '0.0.0.0/0' }, { dst: '10.2.0.0/16', gw: '10.1.0.2' }],
  dns: { nameservers: ['10.1.0.1'], domain: 'x', search: ['y'], options: ['ndots:1'] },
};

test('cniResult takes version 1.0', () => {
  keeps(cniResult, [result]);
  assert.deepEqual(cniResult({ cniVersion: '1.0.0' }), { interfaces: [], ips: [], routes: [], dns: {} });
});

test('cniResult takes versions 0.3 and 0.4, whose addresses say which kind they are', () => {
  const ips = result.ips.map((ip) => ({ version: '4', ...ip }));
  assert.deepEqual(cniResult({ ...result, cniVersion: '0.4.0', ips }), result);
});

test('cniResult takes versions 0.1 and 0.2', () => {
  const early = {
    cniVersion: '0.2.0',
    ip4: { ip: '10.1.0.5/16', gateway: '10.1.0.1', routes: [{ dst: '0.0.0.0/0' }] },
    ip6: { ip: 'fd00::5/64', routes: null },
    dns: {},
  };
  assert.deepEqual(cniResult(early), {
    interfaces: [],
    ips: [{ address: '10.1.0.5/16', gateway: '10.1.0.1' }, { address: 'fd00::5/64' }],
    routes: [{ dst: '0.0.0.0/0' }],
    dns: {},
  });
});

test('cniResult reads an empty gateway as none', () => {
  assert.deepEqual(cniResult({ ips: [{ address: '10.1.0.5/16', gateway: '' }] }).ips, [
    { address: '10.1.0.5/16' },
  ]);
});

test('cniResult refuses addresses that are none, and interfaces that are not there', () => {
  const network = 'expected an IP address and prefix length such as "10.1.2.3/24"';
  refuses(cniResult, [
    [{ ...result, ips: [{ address: '10.1.0.5' }] }, `ips[0].address: ${network}, got "10.1.0.5"`],
    [
      { ...result, ips: [{ address: '10.1.0.5/16', interface: 2 }] },
      'ips[0].interface: there is no such interface',
    ],
    [{ ...result, routes: [{ dst: 'default' }] }, `routes[0].dst: ${network}, got "default"`],
    [
      { ...result, dns: { nameservers: ['x\ny'] } },
      'dns.nameservers[0]: expected an IP address, got "x\\ny"',
    ],
  ]);
});

test('cniError takes what a plugin says when it fails', () => {
  keeps(cniError, [
    { code: 7, msg: 'Invalid Configuration', details: 'Network 192.168.0.0/31 too small to allocate from.' },
    { code: 100, msg: '' },
  ]);
  refuses(cniError, [[{ msg: 'x' }, 'code: missing']]);
});
