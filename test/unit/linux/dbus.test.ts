import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { addMatch, connectBus, socketOf } from '../../../linux/dbus.ts';
import { messageLength, packCall, parseMessage } from '../../../linux/dbus-message.ts';
import { unmarshal } from '../../../linux/dbus-reader.ts';
import { type DBusValue, typesOf, variant } from '../../../linux/dbus-types.ts';
import { marshal } from '../../../linux/dbus-writer.ts';

test('typesOf() cuts a signature into single complete types', () => {
  assert.deepEqual(typesOf('ssa(sv)a(sa(sv))a{sv}'), ['s', 's', 'a(sv)', 'a(sa(sv))', 'a{sv}']);
  for (const bad of ['(', 'a', '()', 'z', '(s', '{sv', 'a'.repeat(100)])
    assert.throws(() => typesOf(bad), { code: 'ERR_DBUS_PROTOCOL' });
});

test('marshal() aligns as the specification says', () => {
  assert.equal(marshal('yu', [1, 2]).toString('hex'), '0100000002000000');
  assert.equal(marshal('yt', [1, 2n]).toString('hex'), '01000000000000000200000000000000');
  assert.equal(marshal('s', ['foo']).toString('hex'), '03000000666f6f00');
  // the length of an array does not count the padding before its first element
  assert.equal(marshal('at', [[5n]]).toString('hex'), '08000000000000000500000000000000');
  assert.equal(marshal('v', [variant('u', 7)]).toString('hex'), '0175000007000000');
});

test('unmarshal() undoes marshal()', () => {
  const signature = 'ybua(sv)a{sv}ayxtsog';
  const values: DBusValue[] = [
    7,
    true,
    5,
    [
      ['a', variant('au', [1, 2])],
      ['b', variant('(sb)', ['x', false])],
    ],
    [['k', variant('s', 'v')]],
    [1, 2, 3],
    -5n,
    6n,
    'text',
    '/object',
    'a(sv)',
  ];
  assert.deepEqual(unmarshal(signature, marshal(signature, values)), values);
});

test('a message that lies about itself is an expected error, whatever its bytes', () => {
  const call = packCall(
    {
      destination: 'a.b',
      path: '/',
      interface: 'a.b',
      member: 'M',
      signature: 'sa(sv)',
      body: ['x', [['y', variant('as', ['z'])]]],
    },
    1,
  );
  assert.equal(messageLength(call), call.length);
  let failed = 0;
  for (let at = 0; at < call.length; at++)
    for (const value of [0, 1, 0x28, 0x7f, 0xff]) {
      const bytes = Buffer.from(call);
      bytes[at] = value;
      try {
        if (messageLength(bytes) <= bytes.length) parseMessage(bytes);
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, 'ERR_DBUS_PROTOCOL', `${at}: ${value}`);
        failed++;
      }
    }
  assert.ok(failed > 20);
});

test('socketOf() finds the UNIX socket of an address', () => {
  assert.equal(socketOf('unix:path=/run/user/0/bus,guid=1'), '/run/user/0/bus');
  assert.equal(socketOf('tcp:host=x;unix:guid=1,abstract=/tmp/a%20b'), '@/tmp/a b');
  assert.throws(() => socketOf('tcp:host=x'), { code: 'ERR_DBUS_PROTOCOL' });
});

test('connectBus() calls methods, hears signals and has errors by their names', async () => {
  const daemon = spawn('dbus-daemon', ['--session', '--nofork', '--print-address=1'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const address = await new Promise<string>((resolve) =>
    daemon.stdout.once('data', (data) => resolve(String(data).trim())),
  );
  try {
    using bus = connectBus(address);
    const dbus = {
      destination: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
    };
    addMatch(bus, "type='signal',member='NameAcquired'");
    assert.deepEqual(
      bus.call({ ...dbus, member: 'RequestName', signature: 'su', body: ['com.example.Test', 0] }),
      [1],
    );
    const { body } = bus.waitForSignal(
      ({ member, body: [name] }) => member === 'NameAcquired' && name === 'com.example.Test',
    );
    assert.deepEqual(body, ['com.example.Test']);
    assert.throws(() => bus.call({ ...dbus, destination: 'com.example.Nobody', member: 'X' }), {
      code: 'org.freedesktop.DBus.Error.ServiceUnknown',
      message: /^call org\.freedesktop\.DBus\.X: /,
    });
  } finally {
    daemon.kill();
  }
});
