import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode, NOT_RETURNED, STEP_SIZE } from '../../../../stage1/program/encode.ts';
import {
  argOf,
  from,
  type Program,
  type Step,
  struct,
  structOf,
  text,
  vector,
} from '../../../../stage1/program/step.ts';

const BASE = 0x7f00_0000_0000;

const encodeSteps = (...steps: Step[]) => encode({ name: 'test', steps }, BASE);
const word = (bytes: Buffer, step: number, index: number) =>
  Number(bytes.readBigInt64LE(step * STEP_SIZE + 8 * index));
const at = (bytes: Buffer, address: number) => bytes.subarray(address - BASE);

test('a step is ten words: call number, six arguments, where the result goes, flags, result', () => {
  const bytes = encodeSteps({ call: 'setns', args: [7, { value: 0x4000_0000, shown: 'CLONE_NEWNET' }] });
  const words = Array.from({ length: 10 }, (_, i) => word(bytes, 0, i));
  assert.deepEqual(words, [308, 7, 0x4000_0000, 0, 0, 0, 0, 0, 0, NOT_RETURNED]);
});

test('negative numbers keep their sign', () => {
  assert.equal(word(encodeSteps({ call: 'close', args: [-100] }), 0, 1), -100);
});

test('a text argument is the address of a NUL-terminated string', () => {
  const bytes = encodeSteps({ call: 'chdir', args: [text('/ä')] });
  assert.deepEqual([...at(bytes, word(bytes, 0, 1)).subarray(0, 4)], [...Buffer.from('/ä\0')]);
});

test('a vector argument is a NULL-terminated array of addresses of strings', () => {
  const bytes = encodeSteps({ call: 'execve', args: [text('/a'), vector(['a', 'bc']), vector([])] });
  const array = at(bytes, word(bytes, 0, 2));
  const strings = [0, 1].map((i) => at(bytes, Number(array.readBigInt64LE(8 * i))).toString('latin1', 0, 2));
  assert.deepEqual(strings, ['a\0', 'bc']);
  assert.equal(array.readBigInt64LE(16), 0n);
  assert.equal(at(bytes, word(bytes, 0, 3)).readBigInt64LE(0), 0n);
});

test('data stands at multiples of 16, behind the table', () => {
  const bytes = encodeSteps({ call: 'write', args: [1, struct(Buffer.alloc(3), ''), text('x')] });
  assert.deepEqual([word(bytes, 0, 2) - BASE, word(bytes, 0, 3) - BASE], [STEP_SIZE, STEP_SIZE + 16]);
});

test('a result goes to every later argument that names it, through a zero-terminated list', () => {
  const bytes = encodeSteps(
    { call: 'openat', args: [-100, text('/')], as: 'root' },
    { call: 'fchdir', args: [from('root')] },
    { call: 'mkdirat', args: [from('root'), text('x'), 0] },
  );
  const list = at(bytes, word(bytes, 0, 7));
  const targets = [0, 1, 2].map((i) => Number(list.readBigInt64LE(8 * i)));
  assert.deepEqual(targets, [BASE + STEP_SIZE + 8, BASE + 2 * STEP_SIZE + 8, 0]);
  assert.equal(word(bytes, 1, 1), -1);
});

test('argOf() is the address of an argument of a later step', () => {
  const bytes = encodeSteps(
    { call: 'read', args: [3, argOf('wait', 0), 8] },
    { call: 'fcntl', args: [-1], as: 'wait' },
  );
  assert.equal(word(bytes, 0, 2), BASE + STEP_SIZE + 8);
});

test('flags say what is tolerated, how much is skipped, and which step forks', () => {
  const flags = (step: Partial<Step>) => word(encodeSteps({ call: 'close', args: [], ...step }), 0, 8);
  assert.equal(flags({ tolerate: 'any' }), 1);
  assert.equal(flags({ tolerate: 17 }), 1 + 17 * 2 ** 16);
  assert.equal(flags({ tolerate: 2, skip: 3 }), 1 + 2 * 2 ** 16 + 3 * 2 ** 32);
  assert.equal(flags({ fork: true }), 2);
});

test('a name that no step has is a bug, said by name', () => {
  const program: Program = { name: 'test', steps: [{ call: 'close', args: [from('nobody')] }] };
  assert.throws(() => encode(program, BASE), /no step is called "nobody"/);
});

test('a structure of words holds addresses and results of earlier steps', () => {
  const bytes = encodeSteps(
    { call: 'socket', args: [], as: 'fd' },
    { call: 'ioctl', args: [1, 2, structOf([from('fd'), 5, text('x')], '{fd, 5, "x"}')] },
  );
  const structure = word(bytes, 1, 3);
  assert.equal(Number(at(bytes, structure).readBigInt64LE(8)), 5);
  assert.equal(at(bytes, Number(at(bytes, structure).readBigInt64LE(16))).toString('latin1', 0, 2), 'x\0');
  assert.equal(Number(at(bytes, word(bytes, 0, 7)).readBigInt64LE(0)), structure);
});

test('a program of any size fits: data grows past its first room', () => {
  const env = Array.from({ length: 5000 }, (_, i) => `VARIABLE_${i}=${'x'.repeat(40)}`);
  const bytes = encodeSteps({ call: 'execve', args: [text('/a'), vector([]), vector(env)] });
  const array = at(bytes, word(bytes, 0, 3));
  const last = at(bytes, Number(array.readBigInt64LE(8 * 4999)));
  assert.equal(last.toString('latin1', 0, 14), 'VARIABLE_4999=');
});
