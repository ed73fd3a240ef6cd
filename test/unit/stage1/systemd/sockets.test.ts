import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acName } from '../../../../schema/ac-name.ts';
import type { IpAddress } from '../../../../schema/ip.ts';
import { assignSockets, type GivenSocket } from '../../../../stage1/systemd/sockets.ts';

const tcp = (fd: number, port: number, address = [0, 0, 0, 0]): GivenSocket => ({
  fd,
  name: 'x.socket',
  address: { protocol: 'tcp', address: Buffer.from(address), port },
});
const port = (name: string, hostPort: number) => ({ name: acName(name), protocol: 'tcp' as const, hostPort });
const fds = (assigned: ReadonlyMap<string, readonly GivenSocket[]>, app: string) =>
  assigned.get(app)?.map(({ fd }) => fd);

test('assignSockets() gives each app the sockets at the places of its ports', () => {
  const wanted = { web: [port('http', 80), port('https', 443)], api: [port('rpc', 9000)] };
  const assigned = assignSockets([tcp(10, 443), tcp(11, 9000), tcp(12, 80)], wanted);
  assert.deepEqual([fds(assigned, 'web'), fds(assigned, 'api')], [[10, 12], [11]]);
});

test('assignSockets() looks at the address where a port has one', () => {
  const local = { ...port('http', 80), hostIP: '127.0.0.1' as IpAddress };
  assert.deepEqual(fds(assignSockets([tcp(10, 80, [127, 0, 0, 1])], { web: [local] }), 'web'), [10]);
  assert.throws(() => assignSockets([tcp(10, 80)], { web: [local] }), { code: 'ERR_SOCKET_ACTIVATION' });
});

test('assignSockets() knows UNIX sockets by their names, and refuses what is nobody’s', () => {
  const socket = (name: string): GivenSocket => ({ fd: 10, name, address: undefined });
  assert.deepEqual(fds(assignSockets([socket('http')], { web: [port('http', 80)] }), 'web'), [10]);
  assert.throws(
    () => assignSockets([socket('other')], { web: [port('http', 80)] }),
    /"other": it is no app's/,
  );
  assert.equal(assignSockets([], { web: [port('http', 80)] }).size, 0);
});
