import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkConfig } from '../../../../schema/cni/network-config.ts';
import type { CniNetwork } from '../../../../schema/pod-files.ts';
import { port } from '../../../../schema/port.ts';
import { forwardPorts } from '../../../../stage0/network/forward-ports.ts';
import { mapPorts } from '../../../../stage0/network/map-ports.ts';
import { parsePortFlag, parseSandboxPortFlag } from '../../../../stage0/network/port-flag.ts';

const http = port({ name: 'http', protocol: 'tcp', port: 80 });
const media = port({ name: 'media', protocol: 'udp', port: 5000, count: 3 });

const flags = [
  { flag: 'http:8080', port: { name: 'http', hostPort: 8080 } },
  { flag: 'http:127.0.0.1:8080', port: { name: 'http', hostPort: 8080, hostIP: '127.0.0.1' } },
  { flag: 'http:[::1]:8080', port: { name: 'http', hostPort: 8080, hostIP: '::1' } },
  { flag: 'http:fd00::1:8080', port: { name: 'http', hostPort: 8080, hostIP: 'fd00::1' } },
];

for (const { flag, port: exposed } of flags) {
  test(`--port=${flag} is understood`, () => {
    assert.deepEqual(parsePortFlag(flag), exposed);
  });
}

const badFlags = [
  '8080',
  'http',
  'http:',
  'http:0',
  'http:65536',
  'http:8080x',
  'http:localhost:80',
  'HTTP:80',
  '',
];

for (const flag of badFlags) {
  test(`--port=${flag} is refused`, () => {
    assert.throws(() => parsePortFlag(flag), {
      code: 'ERR_NETWORK',
      message: new RegExp(`^--port=${flag}: expected NAME:\\[HOSTIP:\\]HOSTPORT`),
    });
  });
}

test('mapPorts() forwards a named port, and each port of a range', () => {
  const exposed = [parsePortFlag('http:127.0.0.1:8080'), parsePortFlag('media:6000')];
  assert.deepEqual(mapPorts(exposed, [http, media]), [
    { hostPort: 8080, containerPort: 80, protocol: 'tcp', hostIP: '127.0.0.1' },
    { hostPort: 6000, containerPort: 5000, protocol: 'udp' },
    { hostPort: 6001, containerPort: 5001, protocol: 'udp' },
    { hostPort: 6002, containerPort: 5002, protocol: 'udp' },
  ]);
});

test('mapPorts() takes the port a pod manifest names itself', () => {
  const exposed = [{ ...parsePortFlag('http:8080'), podPort: { ...http, port: 8000 } }];
  assert.deepEqual(mapPorts(exposed, []), [{ hostPort: 8080, containerPort: 8000, protocol: 'tcp' }]);
});

const badPorts = [
  { exposed: ['web:80'], declared: [http], message: 'port name "web" could not be found in any apps' },
  { exposed: ['http:80'], declared: [http, http], message: 'port name "http" defined multiple apps' },
  {
    exposed: ['http:80', 'http:80'],
    declared: [http],
    message: 'host port 80/tcp already mapped to pod port 80',
  },
  {
    exposed: ['media:7000', 'media:7002'],
    declared: [media],
    message: 'host port 7002/udp already mapped to pod port 5002',
  },
  {
    exposed: ['http:10.0.0.1:80', 'http:0.0.0.0:80'],
    declared: [http],
    message: 'host port 80/tcp already mapped to pod port 80',
  },
  {
    exposed: ['media:65534'],
    declared: [media],
    message: 'port "media": the last of 3 host ports from 65534 on is above 65535',
  },
];

for (const { exposed, declared, message } of badPorts) {
  test(`mapPorts() refuses ${exposed.join(', ')}: ${message}`, () => {
    assert.throws(() => mapPorts(exposed.map(parsePortFlag), declared), { code: 'ERR_NETWORK', message });
  });
}

test('mapPorts() may forward one host port of several addresses, and of both protocols', () => {
  const dns = port({ name: 'dns', protocol: 'udp', port: 80 });
  const exposed = ['http:10.0.0.1:80', 'http:10.0.0.2:80', 'dns:80'].map(parsePortFlag);
  assert.equal(mapPorts(exposed, [http, dns]).length, 3);
});

const mappings = mapPorts([parsePortFlag('http:8080')], [http]);
const quiet = network('quiet', { type: 'macvlan' });
const nat = network('nat', { type: 'ptp', ipMasq: true });

function network(name: string, plugin: object): CniNetwork {
  return { name, conf: networkConfig({ cniVersion: '1.0.0', name, plugins: [plugin] }) };
}

function forwarding(networks: readonly CniNetwork[]): readonly string[] {
  const result = forwardPorts({ mode: 'cni', networks }, mappings);
  assert.equal(result.mode, 'cni');
  return result.mode === 'cni'
    ? result.networks.filter(({ runtimeConfig }) => runtimeConfig !== undefined).map(({ name }) => name)
    : [];
}

test('forwardPorts() chooses the first network with NAT, else the last', () => {
  assert.deepEqual(forwarding([quiet, nat]), ['nat']);
  assert.deepEqual(forwarding([nat, quiet]), ['nat']);
  assert.deepEqual(forwarding([quiet, network('second', { type: 'ptp' })]), ['second']);
});

test('forwardPorts() adds the portmap plugin, unless the network has a plugin for ports', () => {
  const own = network('own', { type: 'my-ports', capabilities: { portMappings: true } });
  const plugins = [nat, own].map((each) => {
    const result = forwardPorts({ mode: 'cni', networks: [each] }, mappings);
    return result.mode === 'cni' ? result.networks[0]?.conf.plugins.map(({ type }) => type) : [];
  });
  assert.deepEqual(plugins, [['ptp', 'portmap'], ['my-ports']]);
});

test('forwardPorts() has rkt’s words for pods without networks of their own', () => {
  for (const mode of ['host', 'none'] as const)
    assert.throws(() => forwardPorts({ mode }, mappings), {
      message: `--port flag does not work with '${mode}' networking`,
    });
  assert.deepEqual(forwardPorts({ mode: 'host' }, []), { mode: 'host' });
});

const web = (podPort: number, protocol = 'tcp') => port({ name: 'web', protocol, port: podPort });
const sandboxFlags = [
  { flag: 'web:tcp:80::8080', exposed: { name: 'web', hostPort: 8080, podPort: web(80) } },
  {
    flag: 'web:udp:53:127.0.0.1:53',
    exposed: { name: 'web', hostPort: 53, podPort: web(53, 'udp'), hostIP: '127.0.0.1' },
  },
  {
    flag: 'web:tcp:80:[::1]:8080',
    exposed: { name: 'web', hostPort: 8080, podPort: web(80), hostIP: '::1' },
  },
  {
    flag: 'web:tcp:80:fd00::1:8080',
    exposed: { name: 'web', hostPort: 8080, podPort: web(80), hostIP: 'fd00::1' },
  },
];

for (const { flag, exposed } of sandboxFlags)
  test(`parseSandboxPortFlag() reads ${flag}`, () => assert.deepEqual(parseSandboxPortFlag(flag), exposed));

for (const flag of [
  'web:8080',
  'web:tcp:80:8080',
  'web:sctp:80::8080',
  'web:tcp:0::8080',
  'web:tcp:80::x',
  'web:tcp:80:host:80',
])
  test(`parseSandboxPortFlag() refuses ${flag}`, () => {
    assert.throws(() => parseSandboxPortFlag(flag), {
      code: 'ERR_NETWORK',
      message: /expected NAME:PROTO:PODPORT:HOSTIP:HOSTPORT/,
    });
  });
