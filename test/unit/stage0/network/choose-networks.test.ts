import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkConfig } from '../../../../schema/cni/network-config.ts';
import { podNetwork } from '../../../../schema/pod-files.ts';
import { chooseNetworks } from '../../../../stage0/network/choose-networks.ts';

const web = networkConfig({ cniVersion: '0.4.0', name: 'web', type: 'bridge' });
const own = networkConfig({ cniVersion: '1.0.0', name: 'default', plugins: [{ type: 'macvlan' }] });

const choose = (given: readonly string[], configured = [web], ipv6 = false) =>
  chooseNetworks({ given, configured: () => configured, ipv6: () => ipv6 });

function names(given: readonly string[], configured = [web]): readonly string[] {
  const network = choose(given, configured);
  return network.mode === 'cni' ? network.networks.map(({ name }) => name) : [network.mode];
}

const good = [
  { given: [], chosen: ['default'] },
  { given: ['host'], chosen: ['host'] },
  { given: ['none'], chosen: ['none'] },
  { given: ['default-restricted'], chosen: ['default-restricted'] },
  { given: ['web,default'], chosen: ['web', 'default'] },
  { given: ['web', 'default'], chosen: ['web', 'default'] },
  { given: ['all'], chosen: ['web', 'default'] },
];

for (const { given, chosen } of good) {
  test(`--net=${given.join(' --net=')} connects the pod to ${chosen.join(', ')}`, () => {
    assert.deepEqual(names(given), chosen);
  });
}

const bad = [
  { given: ['nowhere,web,neither'], message: 'networks not found: nowhere, neither' },
  { given: ['web,host'], message: '--net=host cannot be combined with other networks' },
  { given: ['none:A=1'], message: '--net=none takes no arguments' },
  { given: ['web', 'web:A=1'], message: 'network "web" is given twice' },
  { given: ['web:IP'], message: '--net=web: expected arguments K=V;K2=V2, got "IP"' },
  { given: ['web,'], message: '--net: expected the name of a network, got ""' },
];

for (const { given, message } of bad) {
  test(`--net=${given.join(' --net=')} is refused: ${message}`, () => {
    assert.throws(() => choose(given), { code: 'ERR_NETWORK', message });
  });
}

test('an unknown network is answered with those there are', () => {
  assert.throws(() => choose(['x']), { hint: 'known are: default, default-restricted, web, host, none' });
});

test('arguments stay with their network', () => {
  const network = choose(['web:IP=10.1.0.9;MAC=aa:bb:cc:dd:ee:ff,default']);
  assert.deepEqual(network.mode === 'cni' && network.networks.map(({ args }) => args), [
    'IP=10.1.0.9;MAC=aa:bb:cc:dd:ee:ff',
    undefined,
  ]);
});

test('a configured network goes before the built-in of its name', () => {
  assert.deepEqual(choose(['default'], [own]), { mode: 'cni', networks: [{ name: 'default', conf: own }] });
  assert.deepEqual(names(['all'], [own, web]), ['default', 'web']);
});

test('of two configured networks with one name the later counts', () => {
  const later = networkConfig({ cniVersion: '1.0.0', name: 'web', type: 'ipvlan' });
  assert.deepEqual(choose(['web'], [web, later]), { mode: 'cni', networks: [{ name: 'web', conf: later }] });
});

test('the default network is rkt’s: ptp, NAT, 172.16.28.0/24', () => {
  const ipam = {
    type: 'host-local',
    ranges: [[{ subnet: '172.16.28.0/24' }]],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  const conf = { cniVersion: '1.0.0', name: 'default', plugins: [{ type: 'ptp', ipMasq: true, ipam }] };
  assert.deepEqual(choose([]), { mode: 'cni', networks: [{ name: 'default', conf }] });
});

test('the default network has a unique local IPv6 subnet and a way out where the host can do IPv6', () => {
  const text = JSON.stringify(choose([], [], true));
  assert.match(text, /"subnet":"fd72:6b74:0:1628::\/64"/);
  assert.match(text, /"dst":"::\/0"/);
});

test('what is chosen can be read from network.json', () => {
  const network = choose(['default,web:A=1']);
  assert.deepEqual(podNetwork(JSON.parse(JSON.stringify(network))), network);
});
