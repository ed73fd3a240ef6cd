import assert from 'node:assert/strict';
import { closeSync } from 'node:fs';
import { test } from 'node:test';
import { bindSocket, packAddress, SOCKET } from '../../../linux/socket.ts';
import { cValues, noCompiler } from './c-compiler.ts';

test('SOCKET and the addresses are those of the C headers', { skip: noCompiler }, () => {
  const expected = {
    ...SOCKET,
    'sizeof(struct sockaddr_in)': packAddress(SOCKET.AF_INET, '127.0.0.1', 1).length,
    'offsetof(struct sockaddr_in, sin_addr)': 4,
    'sizeof(struct sockaddr_in6)': packAddress(SOCKET.AF_INET6, '::1', 1).length,
    'offsetof(struct sockaddr_in6, sin6_addr)': 8,
  };
  assert.deepEqual(cValues(['sys/socket.h', 'netinet/in.h'], Object.keys(expected)), expected);
});

test('packAddress() writes port and address in network order', () => {
  assert.equal(
    packAddress(SOCKET.AF_INET, '10.1.2.3', 8080).toString('hex'),
    '02001f900a0102030000000000000000',
  );
  assert.equal(
    packAddress(SOCKET.AF_INET6, 'fd00::1', 1).subarray(8, 24).toString('hex'),
    `fd00${'0'.repeat(27)}1`,
  );
  assert.throws(() => packAddress(SOCKET.AF_INET, '10.1.2', 1), TypeError);
});

for (const protocol of ['tcp', 'udp'] as const) {
  test(`bindSocket() keeps a ${protocol} address from others until it is closed`, () => {
    const address = { protocol, address: '127.77.0.1', port: 34567 };
    const fd = bindSocket(address);
    assert.throws(() => bindSocket(address), {
      code: 'EADDRINUSE',
      message: `bind to 127.77.0.1 port 34567/${protocol}: EADDRINUSE (Address already in use)`,
    });
    closeSync(fd);
    closeSync(bindSocket(address));
  });
}
