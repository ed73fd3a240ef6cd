import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CniNetwork } from '../../../../schema/pod-files.ts';
import { planNetworks, pluginInput } from '../../../../stage1/network/plan.ts';

const context = {
  uuid: '6733c088-a507-4694-aabf-0123456789ab',
  netns: '/proc/4711/ns/net',
  cniPath: ['/usr/lib/cni', '/opt/cni/bin'],
};

const ports = [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }];

const web: CniNetwork = {
  name: 'web',
  conf: {
    cniVersion: '1.0.0',
    name: 'web',
    plugins: [
      { type: 'bridge', bridge: 'br0', mtu: 1400, ipam: { type: 'host-local' } },
      { type: 'portmap', snat: true, capabilities: { portMappings: true, bandwidth: true } },
    ],
  },
  args: 'IP=10.1.0.9',
  runtimeConfig: { portMappings: ports },
};

const old: CniNetwork = {
  name: 'old',
  conf: { cniVersion: '0.1.0', name: 'old', plugins: [{ type: 'ptp' }] },
  runtimeConfig: { portMappings: ports },
};

test('planNetworks() gives each plugin exactly the environment of the CNI specification, and PATH', () => {
  const [first, , third] = planNetworks('ADD', [web, old], context);
  assert.deepEqual(first?.env, {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    CNI_COMMAND: 'ADD',
    CNI_CONTAINERID: '6733c088-a507-4694-aabf-0123456789ab',
    CNI_NETNS: '/proc/4711/ns/net',
    CNI_IFNAME: 'eth0',
    CNI_ARGS: 'IgnoreUnknown=1;IP=10.1.0.9',
    CNI_PATH: '/usr/lib/cni:/opt/cni/bin',
  });
  assert.deepEqual(third?.env, { ...first?.env, CNI_IFNAME: 'eth1', CNI_ARGS: '' });
});

test('planNetworks() runs the plugins of each network in order, and DEL runs all of them backwards', () => {
  const order = (command: 'ADD' | 'DEL') =>
    planNetworks(command, [web, old], context).map(({ network, plugin }) => `${network}/${plugin}`);
  assert.deepEqual(order('ADD'), ['web/bridge', 'web/portmap', 'old/ptp']);
  assert.deepEqual(order('DEL'), ['old/ptp', 'web/portmap', 'web/bridge']);
});

test('planNetworks() turns capabilities into runtimeConfig for the plugins that declare them', () => {
  const inputs = planNetworks('ADD', [web, old], context).map((each) => JSON.parse(pluginInput(each)));
  const [bridge, portmap] = web.conf.plugins;
  assert.deepEqual(inputs, [
    { ...bridge, cniVersion: '1.0.0', name: 'web' },
    {
      type: portmap?.type,
      snat: true,
      cniVersion: '1.0.0',
      name: 'web',
      runtimeConfig: { portMappings: ports },
    },
    { type: 'ptp', cniVersion: '0.1.0', name: 'old' },
  ]);
});

test('planNetworks() leaves IgnoreUnknown to the user who gives it', () => {
  const [add] = planNetworks('ADD', [{ ...old, args: 'A=1;IgnoreUnknown=0' }], context);
  assert.equal(add?.env['CNI_ARGS'], 'A=1;IgnoreUnknown=0');
});

test('pluginInput() adds the result of the plugin before', () => {
  const [add] = planNetworks('ADD', [old], context);
  assert.deepEqual(JSON.parse(pluginInput(add!, { ips: [] })).prevResult, { ips: [] });
});
