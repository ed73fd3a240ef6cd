import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ipAddress } from '../../../../schema/ip.ts';
import { pastaArguments } from '../../../../stage1/network/pasta-arguments.ts';

const request = { netns: '/pod/netns', pidFile: '/pod/pasta.pid', ports: [] };

test('pastaArguments() forwards nothing that was not asked for, and maps no address to the host', () => {
  const line = pastaArguments(request).join(' ');
  assert.match(line, / --no-map-gw /);
  assert.match(line, / --tcp-ports none --udp-ports none --tcp-ns none --udp-ns none /);
  assert.match(line, / --netns \/pod\/netns$/);
});

test('pastaArguments() forwards ports, each protocol its own, of one address where that is said', () => {
  const ports = [
    { hostPort: 8080, containerPort: 80, protocol: 'tcp' },
    { hostPort: 8443, containerPort: 443, protocol: 'tcp', hostIP: ipAddress('127.0.0.1', 'x') },
    { hostPort: 53, containerPort: 5353, protocol: 'udp' },
  ] as const;
  const line = pastaArguments({ ...request, ports }).join(' ');
  assert.match(
    line,
    / --tcp-ports 8080:80 --tcp-ports 127\.0\.0\.1\/8443:443 --udp-ports 53:5353 --tcp-ns none /,
  );
});

test('pastaArguments() brings the metadata service of the host into a pod that is registered, and nothing else', () => {
  const line = pastaArguments({ ...request, metadataPort: 18_112 }).join(' ');
  assert.match(line, / --tcp-ns 18112 --udp-ns none /);
});
