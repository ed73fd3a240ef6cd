import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { networkConfig } from '../../schema/cni/network-config.ts';
import { type CniNetwork, netInfo } from '../../schema/pod-files.ts';
import { forwardPorts } from '../../stage0/network/forward-ports.ts';
import { setUpNetworks } from '../../stage1/network/set-up.ts';
import { type NetworkJob, tearDownNetworks } from '../../stage1/network/tear-down.ts';
import { makeHost, noHosts, runnerOn, type TestHost } from './network-host.ts';

const options = { skip: noHosts };
const uuid = () => randomUUID();

const IPV6 = 'fd00:7473:726b::/64';

/** A network of the kind the built-in ones are. */
function ptp(
  host: TestHost,
  name = 'default',
  subnets: readonly string[] = ['172.16.28.0/24', IPV6],
): CniNetwork {
  const ranges = subnets.map((subnet) => [{ subnet }]);
  const routes = name === 'default' ? [{ dst: '0.0.0.0/0' }, { dst: '::/0' }] : [];
  const ipam = { type: 'host-local', dataDir: host.addresses, ranges, routes };
  const plugin = { type: 'ptp', ipMasq: name === 'default', ipam };
  return { name, conf: { cniVersion: '1.0.0', name, plugins: [plugin] } };
}

/** A job for a new pod, whose directory and network namespace this makes. */
function newJob(host: TestHost, networks: readonly CniNetwork[], pod = 'pod'): NetworkJob {
  const podDirectory = join(host.directory, pod);
  mkdirSync(podDirectory);
  const cniPath = ['/usr/lib/cni', host.directory];
  const run = runnerOn(host.name);
  return { podDirectory, uuid: uuid(), netns: host.addPod(pod), cniPath, networks, run };
}

/** A plugin that is a shell script. */
function addPlugin(host: TestHost, name: string, script: string): void {
  writeFileSync(join(host.directory, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

function withPlugin(network: CniNetwork, at: 'before' | 'after', type: string): CniNetwork {
  const { plugins } = network.conf;
  const all = at === 'before' ? [{ type }, ...plugins] : [...plugins, { type }];
  return { ...network, conf: { ...network.conf, plugins: all } };
}

test('a pod gets an address and a way out, and leaves nothing behind', options, () => {
  using host = makeHost();
  const before = host.traces();
  const job = newJob(host, [ptp(host)]);
  setUpNetworks(job);
  assert.match(host.exec(['ip', '-4', 'addr', 'show', 'eth0'], 'pod'), /inet 172\.16\.28\.2\/24/);
  assert.match(host.exec(['ip', '-6', 'addr', 'show', 'eth0'], 'pod'), /inet6 fd00:7473:726b::2\/64/);
  assert.match(host.exec(['ip', 'route'], 'pod'), /^default via 172\.16\.28\.1 dev eth0/m);
  assert.match(host.exec(['iptables', '-t', 'nat', '-S']), /MASQUERADE/);
  const [info] = netInfo(JSON.parse(readFileSync(join(job.podDirectory, 'net-info.json'), 'utf8')));
  assert.deepEqual(info?.ips, ['172.16.28.2/24', 'fd00:7473:726b::2/64']);
  tearDownNetworks(job);
  assert.equal(host.traces(before), before);
  assert.equal(existsSync(join(job.podDirectory, 'net-state.json')), false);
});

test('tearDownNetworks() may be repeated, and does nothing for a pod that joined no network', options, () => {
  using host = makeHost();
  const job = newJob(host, [ptp(host)]);
  tearDownNetworks({ ...job, run: () => assert.fail('a program ran') });
  setUpNetworks(job);
  tearDownNetworks(job);
  tearDownNetworks({ ...job, run: () => assert.fail('a program ran') });
});

test('several networks are eth0, eth1, each with its own address', options, () => {
  using host = makeHost();
  const before = host.traces();
  const second = ptp(host, 'second', ['172.31.0.0/16']);
  const job = newJob(host, [ptp(host), second]);
  setUpNetworks(job);
  assert.match(host.exec(['ip', '-4', 'addr', 'show', 'eth1'], 'pod'), /inet 172\.31\.0\.2\/16/);
  tearDownNetworks(job);
  assert.equal(host.traces(before), before);
});

test('when a network fails, those before it are taken down and the error is the plugin’s', options, () => {
  using host = makeHost();
  const before = host.traces();
  addPlugin(
    host,
    'broken',
    `[ "$CNI_COMMAND" = DEL ] || { echo '{"code":7,"msg":"no luck","details":"today"}'; exit 1; }`,
  );
  const job = newJob(host, [ptp(host), withPlugin(ptp(host, 'bad', ['10.9.0.0/24']), 'after', 'broken')]);
  assert.throws(() => setUpNetworks(job), {
    code: 'ERR_NETWORK',
    message: 'set up network "bad": plugin "broken": no luck: today',
  });
  assert.equal(host.traces(before), before);
  assert.equal(existsSync(join(job.podDirectory, 'net-state.json')), false);
});

test('an address that another pod has is refused in the words of rkt', options, () => {
  using host = makeHost();
  const network = { ...ptp(host), args: 'IP=172.16.28.7' };
  const first = newJob(host, [network], 'first');
  setUpNetworks(first);
  assert.match(host.exec(['ip', '-4', 'addr', 'show', 'eth0'], 'first'), /inet 172\.16\.28\.7\/24/);
  assert.throws(() => setUpNetworks(newJob(host, [network], 'second')), {
    message: 'requested IP address "172.16.28.7" is not available in network: default',
  });
});

for (const at of ['before', 'after'] as const) {
  test(
    `gc after a kill -9 ${at} the interface was made leaves nothing, although the pod is gone`,
    options,
    () => {
      using host = makeHost();
      const before = host.traces();
      addPlugin(host, 'killer', '[ "$CNI_COMMAND" = DEL ] || kill -9 $PPID');
      const job = newJob(host, [withPlugin(ptp(host), at, 'killer')]);
      const child = spawnSync(process.execPath, joinArguments(host, job));
      assert.equal(child.signal, 'SIGKILL');
      host.removePod('pod');
      tearDownNetworks({ ...job, netns: '' });
      assert.equal(host.traces(before), before);
    },
  );
}

test('gc after a kill -9 of a running pod leaves nothing', options, () => {
  using host = makeHost();
  const before = host.traces();
  const job = newJob(host, [ptp(host)]);
  setUpNetworks(job);
  host.removePod('pod');
  assert.notEqual(host.traces(), before);
  tearDownNetworks({ ...job, netns: '' });
  assert.equal(host.traces(before), before);
});

test('an app that removed its own interface leaves no NAT rule behind', options, () => {
  using host = makeHost();
  const before = host.traces();
  const job = newJob(host, [ptp(host)]);
  setUpNetworks(job);
  host.exec(['ip', 'link', 'del', 'eth0'], 'pod');
  tearDownNetworks(job);
  assert.equal(host.traces(before), before);
});

for (const cniVersion of ['0.1.0', '0.2.0', '0.3.1', '0.4.0']) {
  test(`a configuration of CNI ${cniVersion} works, with a forwarded port too`, options, () => {
    using host = makeHost();
    const before = host.traces();
    const ipam = { type: 'host-local', dataDir: host.addresses, subnet: '10.5.0.0/24' };
    const conf = networkConfig({ cniVersion, name: 'old', type: 'ptp', ipMasq: true, ipam });
    const portMappings = [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] as const;
    const network = forwardPorts({ mode: 'cni', networks: [{ name: 'old', conf }] }, portMappings);
    const job = newJob(host, network.mode === 'cni' ? network.networks : []);
    const [joined] = setUpNetworks(job);
    assert.deepEqual(
      joined?.result.ips.map(({ address }) => address),
      ['10.5.0.2/24'],
    );
    assert.match(host.exec(['iptables', '-t', 'nat', '-S']), /-j DNAT --to-destination 10\.5\.0\.2:80/);
    tearDownNetworks(job);
    assert.equal(host.traces(before), before);
  });
}

test('three pods that start at once get three addresses', options, async () => {
  using host = makeHost();
  const before = host.traces();
  const pods = ['one', 'two', 'three'];
  const jobs = pods.map((pod) => newJob(host, [ptp(host)], pod));
  const children = jobs.map((job) => spawn(process.execPath, joinArguments(host, job)));
  const outputs = await Promise.all(children.map(({ stdout }) => text(stdout)));
  const addresses = outputs.map((output) => JSON.parse(output)[0].result.ips[0].address);
  assert.deepEqual(addresses.sort(), ['172.16.28.2/24', '172.16.28.3/24', '172.16.28.4/24']);
  for (const job of jobs) tearDownNetworks(job);
  assert.equal(host.traces(before), before);
});

function joinArguments(host: TestHost, job: NetworkJob): readonly string[] {
  return [join(import.meta.dirname, 'network-join.ts'), JSON.stringify({ ...job, host: host.name })];
}
