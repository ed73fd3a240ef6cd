import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CniNetwork, PodNetwork } from '../../schema/pod-files.ts';
import { port } from '../../schema/port.ts';
import { chooseNetworks } from '../../stage0/network/choose-networks.ts';
import { forwardPorts } from '../../stage0/network/forward-ports.ts';
import { mapPorts } from '../../stage0/network/map-ports.ts';
import { parsePortFlag } from '../../stage0/network/port-flag.ts';
import { setUpNetworks } from '../../stage1/network/set-up.ts';
import { type NetworkJob, tearDownNetworks } from '../../stage1/network/tear-down.ts';
import { makeHost, noHosts, runnerOn, type TestHost } from './network-host.ts';

const options = { skip: noHosts };
const script = join(import.meta.dirname, 'network-peer.ts');

const OUTSIDE = { ipv4: '203.0.113.2', ipv6: '2001:db8::2' };
const HOST = { ipv4: '203.0.113.1', ipv6: '2001:db8::1' };

/** Connects the host with a machine outside, which knows no route to the pods. */
function addOutside(host: TestHost): void {
  const netns = host.addPod('outside');
  const outside = netns.split('/').at(-1) ?? '';
  host.exec(['ip', 'link', 'add', 'wan', 'type', 'veth', 'peer', 'name', 'wan', 'netns', outside]);
  const both = [
    { at: undefined, addresses: HOST },
    { at: 'outside', addresses: OUTSIDE },
  ];
  for (const { at, addresses } of both) {
    host.exec(['ip', 'addr', 'add', `${addresses.ipv4}/24`, 'dev', 'wan'], at);
    host.exec(['ip', 'addr', 'add', `${addresses.ipv6}/64`, 'dev', 'wan', 'nodad'], at);
    host.exec(['ip', 'link', 'set', 'wan', 'up'], at);
  }
}

function jobOf(host: TestHost, network: PodNetwork, pod = 'pod'): NetworkJob {
  assert.equal(network.mode, 'cni');
  const networks = network.mode === 'cni' ? network.networks.map((each) => kept(each, host.addresses)) : [];
  const podDirectory = join(host.directory, pod);
  mkdirSync(podDirectory);
  const cniPath = ['/usr/lib/cni'];
  const netns = host.addPod(pod);
  host.exec(['ip', 'link', 'set', 'lo', 'up'], pod);
  return { podDirectory, uuid: randomUUID(), netns, cniPath, networks, run: runnerOn(host.name) };
}

/** The same network, but with its addresses kept by this host and not by the machine. */
function kept(network: CniNetwork, dataDir: string): CniNetwork {
  const plugins = network.conf.plugins.map((plugin) =>
    plugin.ipam === undefined ? plugin : { ...plugin, ipam: { ...plugin.ipam, dataDir } },
  );
  return { ...network, conf: { ...network.conf, plugins } };
}

async function serve(host: TestHost, pod: string, port: number) {
  const child: ChildProcess = spawn('ip', [
    ...['netns', 'exec', `${host.name}-${pod}`, process.execPath, script, 'serve', String(port)],
  ]);
  await once(child.stdout ?? child, 'data');
  return { [Symbol.dispose]: () => child.kill('SIGKILL') };
}

/** Who the server thinks is asking; undefined when nobody answers. */
function ask(
  host: TestHost,
  from: string | undefined,
  question: readonly [string, string, number],
): string | undefined {
  const namespace = from === undefined ? host.name : `${host.name}-${from}`;
  const args = ['netns', 'exec', namespace, process.execPath, script, 'ask', ...question.map(String)];
  try {
    return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
  } catch {
    return undefined;
  }
}

const choose = (...given: string[]) => chooseNetworks({ given, configured: () => [], ipv6: () => true });

test('a pod on the default network reaches the world with the address of its host', options, async () => {
  using host = makeHost();
  addOutside(host);
  const job = jobOf(host, choose('default'));
  setUpNetworks(job);
  using _server = await serve(host, 'outside', 80);
  assert.equal(ask(host, 'pod', ['tcp', OUTSIDE.ipv4, 80]), HOST.ipv4);
  assert.equal(ask(host, 'pod', ['udp', OUTSIDE.ipv4, 80]), HOST.ipv4);
  assert.equal(ask(host, 'pod', ['tcp', OUTSIDE.ipv6, 80]), HOST.ipv6);
  tearDownNetworks(job);
});

test('a pod on default-restricted reaches its host and nobody else', options, async () => {
  using host = makeHost();
  addOutside(host);
  const job = jobOf(host, choose('default-restricted'));
  setUpNetworks(job);
  using _server = await serve(host, 'outside', 80);
  using _pod = await serve(host, 'pod', 5000);
  assert.equal(ask(host, 'pod', ['tcp', OUTSIDE.ipv4, 80]), undefined);
  assert.equal(ask(host, undefined, ['tcp', '172.31.0.2', 5000]), '172.31.0.1');
  tearDownNetworks(job);
});

test(
  'a forwarded port is reached from outside, from the host, and from the pod itself',
  options,
  async () => {
    using host = makeHost();
    addOutside(host);
    const before = host.traces();
    const declared = ['tcp', 'udp'].map((protocol) => port({ name: protocol, protocol, port: 5000 }));
    const mappings = mapPorts(['tcp:8080', 'udp:8080'].map(parsePortFlag), declared);
    const job = jobOf(host, forwardPorts(choose('default'), mappings));
    setUpNetworks(job);
    using _server = await serve(host, 'pod', 5000);
    for (const protocol of ['tcp', 'udp']) {
      assert.equal(
        ask(host, 'outside', [protocol, HOST.ipv4, 8080]),
        OUTSIDE.ipv4,
        `${protocol} from outside`,
      );
      assert.ok(
        ask(host, undefined, [protocol, '127.0.0.1', 8080]),
        `${protocol} from the host by its loopback`,
      );
      assert.ok(
        ask(host, undefined, [protocol, HOST.ipv4, 8080]),
        `${protocol} from the host by its address`,
      );
      assert.ok(ask(host, 'pod', [protocol, HOST.ipv4, 8080]), `${protocol} from the pod itself`);
    }
    assert.equal(ask(host, 'outside', ['tcp', HOST.ipv6, 8080]), OUTSIDE.ipv6, 'IPv6 from outside');
    tearDownNetworks(job);
    assert.equal(host.traces(before), before);
  },
);

test('a port forwarded from one address of the host is not reached by another', options, async () => {
  using host = makeHost();
  addOutside(host);
  host.exec(['ip', 'addr', 'add', '203.0.113.9/24', 'dev', 'wan']);
  const mappings = mapPorts(
    [parsePortFlag('web:203.0.113.9:8080')],
    [port({ name: 'web', protocol: 'tcp', port: 5000 })],
  );
  const job = jobOf(host, forwardPorts(choose('default'), mappings));
  setUpNetworks(job);
  using _server = await serve(host, 'pod', 5000);
  assert.equal(ask(host, 'outside', ['tcp', '203.0.113.9', 8080]), OUTSIDE.ipv4);
  assert.equal(ask(host, 'outside', ['tcp', HOST.ipv4, 8080]), undefined);
  tearDownNetworks(job);
});

test('gc after a kill -9 removes forwarded ports too', options, () => {
  using host = makeHost();
  const before = host.traces();
  const mappings = mapPorts(
    [parsePortFlag('web:8080')],
    [port({ name: 'web', protocol: 'tcp', port: 5000, count: 3 })],
  );
  const job = jobOf(host, forwardPorts(choose('default'), mappings));
  setUpNetworks(job);
  host.removePod('pod');
  tearDownNetworks({ ...job, netns: '' });
  assert.equal(host.traces(before), before);
});
