import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Instruction } from '../../../../linux/bpf-instruction.ts';
import { encodeInstructions } from '../../../../linux/bpf-instruction.ts';
import type { DeviceCgroup } from '../../../../schema/runtime/resources.ts';
import { deviceProgram } from '../../../../stage1/cgroup/device-program.ts';
import { deviceRules } from '../../../../stage1/cgroup/device-rule.ts';

const TYPE = { b: 1, c: 2 } as const;
const ACCESS: Record<string, number> = { m: 1, r: 2, w: 4 };

/** What an access is answered by the program of these rules: the program is run by the interpreter below. */
function allows(rules: readonly DeviceCgroup[], type: 'b' | 'c', number: string, access: string): boolean {
  const [major, minor] = number.split(':').map(Number);
  const wanted = [...access].reduce((sum, each) => sum | ACCESS[each]!, 0);
  return interpret(deviceProgram(deviceRules(rules)), [TYPE[type] | (wanted << 16), major!, minor!]) === 1;
}

const DENY_ALL: DeviceCgroup = { allow: false, access: 'rwm' };
const FUSE: DeviceCgroup = { allow: true, type: 'c', major: 10, minor: 229, access: 'rw' };

test('after deny all, the default devices remain and nodes can be made, nothing else', () => {
  const rules = [DENY_ALL];
  for (const device of ['1:3', '1:5', '1:7', '1:8', '1:9', '5:0', '5:2', '136:7'])
    assert.ok(allows(rules, 'c', device, 'rw'), device);
  assert.ok(allows(rules, 'c', '10:229', 'm'));
  assert.ok(allows(rules, 'b', '8:0', 'm'));
  assert.ok(!allows(rules, 'c', '10:229', 'r'));
  assert.ok(!allows(rules, 'b', '8:0', 'r'));
  assert.ok(!allows(rules, 'b', '1:3', 'r'), 'a block device with the numbers of null');
  assert.ok(!allows(rules, 'c', '1:1', 'r'), 'mem');
  assert.ok(!allows(rules, 'c', '5:1', 'w'), 'console');
});

test('an allowed device has the accesses of its rule and no others', () => {
  const rules = [DENY_ALL, { ...FUSE, access: 'r' }];
  assert.ok(allows(rules, 'c', '10:229', 'r'));
  assert.ok(!allows(rules, 'c', '10:229', 'w'));
  assert.ok(!allows(rules, 'c', '10:229', 'rw'));
  assert.ok(!allows(rules, 'c', '10:228', 'r'));
  assert.ok(!allows(rules, 'c', '11:229', 'r'));
});

test('accesses may be granted by several rules together', () => {
  const rules = [DENY_ALL, { ...FUSE, access: 'r' }, { allow: true, type: 'c', major: 10, access: 'w' }];
  assert.ok(allows(rules as DeviceCgroup[], 'c', '10:229', 'rw'));
  assert.ok(!allows(rules as DeviceCgroup[], 'c', '10:1', 'rw'));
});

test('the last rule that matches decides, so order counts', () => {
  assert.ok(!allows([DENY_ALL, FUSE, { ...FUSE, allow: false }], 'c', '10:229', 'r'));
  assert.ok(allows([DENY_ALL, { ...FUSE, allow: false }, FUSE], 'c', '10:229', 'r'));
  const hole: DeviceCgroup[] = [DENY_ALL, { allow: true, type: 'c', major: 10 }, { ...FUSE, allow: false }];
  assert.ok(allows(hole, 'c', '10:1', 'rw'));
  assert.ok(!allows(hole, 'c', '10:229', 'w'));
});

test('a rule about every type is about block and character devices', () => {
  const rules: DeviceCgroup[] = [DENY_ALL, { allow: true, type: 'a', major: 8, minor: 1, access: 'r' }];
  assert.ok(allows(rules, 'b', '8:1', 'r'));
  assert.ok(allows(rules, 'c', '8:1', 'r'));
  assert.ok(!allows(rules, 'b', '8:2', 'r'));
});

test('what no rule mentions is left as it is', () => {
  assert.ok(allows([FUSE], 'b', '8:0', 'rw'));
  assert.ok(!allows([{ ...FUSE, allow: false }], 'c', '10:229', 'r'));
});

test('numbers are compared as 32 bits without a sign', () => {
  const rules: DeviceCgroup[] = [
    DENY_ALL,
    { allow: true, type: 'c', major: 0xffff_fffe, minor: 0x8000_0000 },
  ];
  assert.ok(allows(rules, 'c', `${0xffff_fffe}:${0x8000_0000}`, 'rw'));
});

test('instructions are 8 bytes: code, registers, offset, number', () => {
  const bytes = encodeInstructions([{ code: 0x61, dst: 2, src: 1, offset: -2, imm: 0xffff_fffe }]);
  assert.equal(bytes.toString('hex'), '6112feff' + 'feffffff');
});

const low = (value: bigint) => value & 0xffff_ffffn;
const word = (context: readonly number[], offset: number) => BigInt(context[offset / 4] ?? 0);
const operands = (registers: readonly bigint[], dst: number, src: number) => ({
  dst: registers[dst]!,
  src: registers[src]!,
});

interface Operands {
  readonly dst: bigint;
  readonly src: bigint;
  readonly number: bigint;
  /** The word of the context that `offset` names. */
  readonly word: bigint;
}

/** What the instructions we use do to a register, by code, and which of them jump. */
const COMPUTE: Record<number, (operands: Operands) => bigint> = {
  97: ({ word }) => word,
  84: ({ dst, number }) => low(dst) & number,
  116: ({ dst, number }) => low(dst) >> number,
  188: ({ src }) => low(src),
  183: ({ number }) => number,
};
const JUMP: Record<number, (dst: bigint, number: bigint) => boolean> = {
  5: () => true,
  86: (dst, number) => low(dst) !== number,
  70: (dst, number) => (low(dst) & number) !== 0n,
};

/** Runs a program on 64-bit registers; fails where it leaves its end, runs in a circle, or has an unknown instruction. */
function interpret(program: readonly Instruction[], context: readonly number[]): number {
  const registers = Array.from({ length: 11 }, () => 0n);
  for (let at = 0, steps = 0; steps <= program.length; steps++) {
    const { code, dst, src, offset, imm } = program[at++] ?? assert.fail('jumped out of the program');
    if (code === 0x95) return Number(registers[0]);
    const number = low(BigInt(imm));
    if (code in JUMP) at += JUMP[code]!(registers[dst]!, number) ? offset : 0;
    else
      registers[dst] = COMPUTE[code]!({
        ...operands(registers, dst, src),
        number,
        word: word(context, offset),
      });
  }
  return assert.fail('ran in a circle');
}
