import type { DeviceCgroup } from '../../schema/runtime/resources.ts';

/** A rule about devices with every question answered: no `major` or `minor` means all of them. */
export interface DeviceRule {
  readonly allow: boolean;
  readonly type: 'b' | 'c';
  readonly major?: number;
  readonly minor?: number;
  /** Some of r, w and m (mknod). */
  readonly access: string;
}

const EVERYTHING = 'rwm';

/**
 * The rules of a config in their order; where everything was denied, behind them those that give every container its
 * default devices (runtime-spec, config-linux.md "Default Devices"). A rule about every type becomes two.
 */
export function deviceRules(given: readonly DeviceCgroup[]): readonly DeviceRule[] {
  const rules = given.flatMap(toRules);
  const closed = rules.some((rule) => !rule.allow && isTotal(rule));
  return closed ? [...rules, ...DEFAULT_RULES] : rules;
}

function toRules({ allow, type, major, minor, access }: DeviceCgroup): readonly DeviceRule[] {
  const types = type === 'b' || type === 'c' ? [type] : (['b', 'c'] as const);
  return types.map((each) => ({
    allow,
    type: each,
    ...(isNumber(major) ? { major } : {}),
    ...(isNumber(minor) ? { minor } : {}),
    access: access || EVERYTHING,
  }));
}

function isNumber(value: number | undefined): value is number {
  return value !== undefined && value >= 0;
}

const allow = (major: number, minor?: number): DeviceRule => ({
  allow: true,
  type: 'c',
  major,
  ...(minor === undefined ? {} : { minor }),
  access: EVERYTHING,
});

/** Making a node gives nothing while it cannot be opened; 1:3 … 1:9 null zero full random urandom, 5:0 tty, 5:2 ptmx, 136 pts. */
const DEFAULT_RULES: readonly DeviceRule[] = [
  { allow: true, type: 'c', access: 'm' },
  { allow: true, type: 'b', access: 'm' },
  ...[3, 5, 7, 8, 9].map((minor) => allow(1, minor)),
  allow(5, 0),
  allow(5, 2),
  allow(136),
];

/** A rule as the files of the v1 controller take it, and as messages show it: `c 1:3 rwm`. */
export function showRule({ type, major, minor, access }: DeviceRule): string {
  return `${type} ${major ?? '*'}:${minor ?? '*'} ${access}`;
}

/** Whether there is a device that both rules are about. */
export function overlap(a: DeviceRule, b: DeviceRule): boolean {
  return a.type === b.type && meet(a.major, b.major) && meet(a.minor, b.minor) && shareAccess(a, b);
}

/** Whether both rules are about the same devices. */
export function sameDevices(a: DeviceRule, b: DeviceRule): boolean {
  return a.type === b.type && a.major === b.major && a.minor === b.minor;
}

/** Whether a rule decides everything about its type. */
export function isTotal({ major, minor, access }: DeviceRule): boolean {
  return major === undefined && minor === undefined && [...EVERYTHING].every((each) => access.includes(each));
}

function meet(a: number | undefined, b: number | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}

function shareAccess(a: DeviceRule, b: DeviceRule): boolean {
  return [...a.access].some((each) => b.access.includes(each));
}
