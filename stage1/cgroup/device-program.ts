import {
  andNumber,
  exit,
  type Instruction,
  jump,
  jumpIfAny,
  jumpIfNotEqual,
  loadWord,
  moveNumber,
  moveWord,
  shiftRight,
} from '../../linux/bpf-instruction.ts';
import { type DeviceRule, isTotal } from './device-rule.ts';

/** linux/bpf.h: bits of `access_type` of struct bpf_cgroup_dev_ctx, the type in the low half, the access in the high one. */
const TYPE = { b: 1, c: 2 } as const;
const ACCESS: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 };

/** Registers: R1 is the context, R0 the verdict. */
const VERDICT = 0;
const CONTEXT = 1;
const DEVICE_TYPE = 2;
const WANTED = 3;
const MAJOR = 4;
const MINOR = 5;

/**
 * The eBPF program (BPF_PROG_TYPE_CGROUP_DEVICE) of these rules. Read from the last rule to the first, as the last that
 * matches decides: an allowing rule takes its accesses off the wanted ones, and grants when none is left; a denying one
 * that has any of them refuses. What no rule decides is allowed, as in the v1 controller.
 */
export function deviceProgram(rules: readonly DeviceRule[]): readonly Instruction[] {
  return [...loadContext, ...effective(rules).flatMap(ruleSection), ...verdict(true)];
}

/** struct bpf_cgroup_dev_ctx: access_type at 0, major at 4, minor at 8. */
const loadContext: readonly Instruction[] = [
  loadWord(DEVICE_TYPE, CONTEXT, 0),
  moveWord(WANTED, DEVICE_TYPE),
  andNumber(DEVICE_TYPE, 0xffff),
  shiftRight(WANTED, 16),
  loadWord(MAJOR, CONTEXT, 4),
  loadWord(MINOR, CONTEXT, 8),
];

/** From the last to the first, without those that a later total rule of their type hides. */
function effective(rules: readonly DeviceRule[]): readonly DeviceRule[] {
  const decided = new Set<string>();
  const kept: DeviceRule[] = [];
  for (const rule of rules.toReversed()) {
    if (!decided.has(rule.type)) kept.push(rule);
    if (isTotal(rule)) decided.add(rule.type);
  }
  return kept;
}

function ruleSection(rule: DeviceRule): readonly Instruction[] {
  const decide = decision(rule);
  const conditions: readonly (readonly [number, number])[] = [
    [DEVICE_TYPE, TYPE[rule.type]],
    ...(rule.major === undefined ? [] : [[MAJOR, rule.major] as const]),
    ...(rule.minor === undefined ? [] : [[MINOR, rule.minor] as const]),
  ];
  const checks = conditions.map(([register, value], i) =>
    jumpIfNotEqual(register, value, conditions.length - 1 - i + decide.length),
  );
  return [...checks, ...decide];
}

function decision(rule: DeviceRule): readonly Instruction[] {
  const access = [...rule.access].reduce((mask, letter) => mask | (ACCESS[letter] ?? 0), 0);
  if (rule.allow) {
    const granted = verdict(true);
    return [andNumber(WANTED, ~access), jumpIfNotEqual(WANTED, 0, granted.length), ...granted];
  }
  const refused = verdict(false);
  return [jumpIfAny(WANTED, access, 1), jump(refused.length), ...refused];
}

function verdict(allow: boolean): readonly Instruction[] {
  return [moveNumber(VERDICT, allow ? 1 : 0), exit];
}
