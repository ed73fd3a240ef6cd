import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IFF_UP, ifreqFlags, SIOCSIFFLAGS } from '../../../linux/ifreq.ts';
import { cValues, noCompiler } from './c-compiler.ts';

const headers = ['sys/ioctl.h', 'net/if.h'];

test('the constants and struct ifreq are those of the C headers', { skip: noCompiler }, () => {
  const expected = {
    SIOCSIFFLAGS,
    IFF_UP,
    'sizeof(struct ifreq)': ifreqFlags('lo', 0).length,
    'offsetof(struct ifreq, ifr_flags)': 16,
  };
  assert.deepEqual(cValues(headers, Object.keys(expected)), expected);
});

test('ifreqFlags() puts the name first and the flags behind its 16 bytes', () => {
  const bytes = ifreqFlags('lo', IFF_UP);
  assert.equal(bytes.toString('latin1', 0, 3), 'lo\0');
  assert.equal(bytes.readUInt16LE(16), 1);
});

test('ifreqFlags() refuses a name the kernel would cut', () => {
  assert.throws(() => ifreqFlags('a'.repeat(16), 0), TypeError);
});
