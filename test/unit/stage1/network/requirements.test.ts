import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requirePrograms } from '../../../../stage1/network/require-programs.ts';
import { requirements } from '../../../../stage1/network/requirements.ts';

const conf = {
  cniVersion: '1.0.0',
  name: 'default',
  plugins: [{ type: 'ptp', ipMasq: true, ipam: { type: 'host-local' } }, { type: 'portmap' }],
};

test('requirements() are the plugins, those they call, and iptables for NAT, each once', () => {
  const programs = requirements(conf).map(({ kind, program }) => `${kind} ${program}`);
  assert.deepEqual(programs, ['plugin ptp', 'plugin host-local', 'plugin portmap', 'tool iptables']);
});

test('requirements() of a network without NAT do without iptables', () => {
  const quiet = { ...conf, plugins: [{ type: 'macvlan', ipam: { type: 'dhcp' } }] };
  assert.deepEqual(
    requirements(quiet).map(({ program }) => program),
    ['macvlan', 'dhcp'],
  );
});

test('requirePrograms() names the missing plugin, where it was looked for, and the package to install', () => {
  const job = { networks: [{ name: 'default', conf }], cniPath: ['/nowhere/a', '/nowhere/b'] };
  assert.throws(() => requirePrograms(job), {
    code: 'ERR_NETWORK',
    message: 'set up network "default": CNI plugin "ptp" not found in /nowhere/a, /nowhere/b',
    hint: 'install the package containernetworking-plugins',
  });
});

test('requirePrograms() has no package to offer for a plugin of one’s own', () => {
  const own = { ...conf, plugins: [{ type: 'own-plugin' }] };
  const job = { networks: [{ name: 'default', conf: own }], cniPath: ['/nowhere'] };
  assert.throws(() => requirePrograms(job), { hint: 'put the plugin into one of these directories' });
});
