import assert from 'node:assert/strict';
import { test } from 'node:test';
import { landlockAbi } from '../../linux/landlock.ts';
import { from, struct } from '../../stage1/program/step.ts';
import { hostilePod } from './escape-pod.ts';
import type { Call } from './escape-program.ts';
import { abstractSocket } from './landlock-socket.ts';

const skip = landlockAbi() < 6 && 'this kernel’s Landlock has no scopes (Linux 6.12 has)';
const AF_UNIX = 1;
const SOCK_STREAM = 1;

/** Connects to an abstract socket; struct sockaddr_un: family at 0, then the name, which begins with NUL. */
function connectTo(name: string): readonly Call[] {
  const address = Buffer.concat([Buffer.of(AF_UNIX, 0, 0), Buffer.from(name)]);
  return [
    { call: 'socket', args: [AF_UNIX, SOCK_STREAM, 0], as: 'socket' },
    { call: 'connect', args: [from('socket'), struct(address, `@${name}`), address.length] },
  ];
}

test('CVE-2020-15257: a pod in the network of the host reaches no abstract socket of the host', {
  skip,
}, async () => {
  const name = `tsrkt-escape-${process.pid}`;
  abstractSocket(name);
  using pod = await hostilePod({ programs: { connect: connectTo(name) } });
  const attack = (...flags: string[]) => pod.run('exec /connect', { flags }).status;
  assert.equal(attack('--net=host'), 127);
  assert.equal(attack('--net=none'), 127);
  assert.equal(attack('--net=host', '--insecure-options=paths'), 0, 'the attack is none');
});
