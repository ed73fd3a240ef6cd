import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podManifest } from '../../../../schema/pod-manifest.ts';
import { parseUuid } from '../../../../schema/uuid.ts';
import { chooseNetworks } from '../../../../stage0/network/choose-networks.ts';
import { compileRun } from '../../../../stage0/run/compile.ts';
import type { HostView } from '../../../../stage0/run/host-view.ts';
import type { RunRequest } from '../../../../stage0/run/request.ts';

const uuid = parseUuid('6733c088-1507-4f2c-8a4c-1f6b3f1f7a5e');
const host: HostView = {
  readFile: (path) => `read ${path}`,
  maxOpenFiles: 4096n,
  hasIpv6: true,
  hasSockets: false,
  hostFile: () => undefined,
  blockDevices: () => [],
  capabilities: [],
};
const network = chooseNetworks({ given: [], configured: () => [], ipv6: () => true });
const request: RunRequest = {
  network,
  resolvConf: { from: 'image' },
  hosts: { from: 'image' },
  hostname: undefined,
  interactive: false,
  debug: false,
  hostIpc: false,
  allCapabilities: false,
  insecurePaths: false,
  insecureSeccomp: false,
  flavor: 'default',
};
const manifest = (more: object = {}) =>
  podManifest({ acVersion: '0.8.11', acKind: 'PodManifest', apps: [], ...more }, 'pod');

function compile(changes: Partial<RunRequest> = {}, view: Partial<HostView> = {}, more: object = {}) {
  const pod = { uuid, path: '/pod', manifest: manifest(more), apps: [] };
  return compileRun(pod, { ...request, ...changes }, { ...host, ...view });
}

test('compileRun() of a pod with networks sets up their namespace, where the kernel has IPv6', () => {
  const sysctl = { 'net.ipv6.conf.default.accept_dad': '0' };
  assert.deepEqual(compile().documents.sandbox.linux?.sysctl, sysctl);
  assert.equal(compile({}, { hasIpv6: false }).documents.sandbox.linux?.sysctl, undefined);
  assert.equal(compile({ network: { mode: 'none' } }).documents.sandbox.linux?.sysctl, undefined);
});

test('compileRun() tells stage1 of --dns=none', () => {
  assert.deepEqual(compile({ resolvConf: { from: 'image alone' } }).documents.network, {
    ...network,
    dns: false,
  });
  assert.deepEqual(compile().documents.network, network);
  assert.deepEqual(
    compile({ network: { mode: 'none' }, resolvConf: { from: 'image alone' } }).documents.network,
    {
      mode: 'none',
    },
  );
});

test('compileRun() names the pod by its UUID, unless it is named', () => {
  assert.equal(compile().documents.sandbox.hostname, `tsrkt-${uuid}`);
  assert.equal(compile({ hostname: 'web' }).documents.sandbox.hostname, 'web');
});

test('compileRun() refuses ports that no app declares', () => {
  const ports = [{ name: 'http', hostPort: 8080 }];
  assert.throws(() => compile({}, {}, { ports }), {
    code: 'ERR_NETWORK',
    message: 'port name "http" could not be found in any apps',
  });
});

test('compileRun() shuts pods in the network of the host off from its abstract sockets, unless paths are insecure', () => {
  const ownSockets = (changes: Partial<RunRequest>) => compile(changes).documents.runtime.ownSockets;
  assert.equal(ownSockets({ network: { mode: 'host' } }), true);
  assert.equal(ownSockets({ network: { mode: 'host' }, insecurePaths: true }), undefined);
  assert.equal(ownSockets({ network: { mode: 'none' } }), undefined);
});
