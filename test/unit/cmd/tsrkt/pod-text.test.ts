import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatPorts } from '../../../../cmd/tsrkt/pod-text.ts';
import { ipAddress } from '../../../../schema/ip.ts';
import { podNetwork } from '../../../../schema/pod-files.ts';
import { forwardedPorts } from '../../../../stage0/pod/forwarded-ports.ts';

test('formatPorts() says which port of the host leads to which of the pod', () => {
  const ports = [
    { protocol: 'tcp', hostPort: 8080, containerPort: 80 },
    { protocol: 'udp', hostPort: 53, containerPort: 5353, hostIP: ipAddress('192.0.2.1') },
    { protocol: 'tcp', hostPort: 443, containerPort: 8443, hostIP: ipAddress('2001:db8::1') },
  ] as const;
  assert.equal(formatPorts(ports), 'tcp:8080->80, udp:192.0.2.1:53->5353, tcp:[2001:db8::1]:443->8443');
});

test('forwardedPorts() finds them in every way a pod can be connected', () => {
  const ports = [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] as const;
  const conf = { cniVersion: '1.0.0', name: 'default', plugins: [{ type: 'ptp' }] };
  const networks = [{ name: 'default', conf, runtimeConfig: { portMappings: ports } }];
  assert.deepEqual(forwardedPorts(podNetwork({ mode: 'cni', networks })), ports);
  assert.deepEqual(forwardedPorts(podNetwork({ mode: 'user', ports })), ports);
  assert.deepEqual(forwardedPorts(podNetwork({ mode: 'host' })), []);
});
