import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podNetwork } from '../../../../schema/pod-files.ts';
import { portsToReserve, reservePorts } from '../../../../stage1/network/reserve-ports.ts';

function forwarding(...portMappings: readonly object[]) {
  const conf = { cniVersion: '1.0.0', name: 'default', plugins: [{ type: 'portmap' }] };
  return podNetwork({ mode: 'cni', networks: [{ name: 'default', conf, runtimeConfig: { portMappings } }] });
}

const web = { hostPort: 34568, containerPort: 80, protocol: 'tcp' };

test('portsToReserve() is every address of the host, or the one given', () => {
  assert.deepEqual(portsToReserve(forwarding(web, { ...web, hostIP: '127.77.0.2' })), [
    { protocol: 'tcp', address: '0.0.0.0', port: 34568 },
    { protocol: 'tcp', address: '::', port: 34568 },
    { protocol: 'tcp', address: '127.77.0.2', port: 34568 },
  ]);
  assert.deepEqual(portsToReserve({ mode: 'host' }), []);
  assert.deepEqual(portsToReserve(forwarding()), []);
});

test('reservePorts() refuses a port that another pod forwards, and frees what it took', () => {
  const one = forwarding({ ...web, hostIP: '127.77.0.2' });
  const both = forwarding({ ...web, hostIP: '127.77.0.3' }, { ...web, hostIP: '127.77.0.2' });
  const first = reservePorts(one);
  assert.throws(() => reservePorts(both), {
    code: 'ERR_NETWORK',
    message: 'forward host port 34568/tcp: in use by another pod or a program of the host',
  });
  first[Symbol.dispose]();
  reservePorts(both)[Symbol.dispose]();
});

test('reservePorts() lets pods forward one port of different addresses', () => {
  using _first = reservePorts(forwarding({ ...web, hostIP: '127.77.0.2' }));
  using _second = reservePorts(forwarding({ ...web, hostIP: '127.77.0.3' }));
});

test('reservePorts() takes an address that the host does not have', () => {
  reservePorts(forwarding({ ...web, hostIP: '192.0.2.77' }))[Symbol.dispose]();
});
