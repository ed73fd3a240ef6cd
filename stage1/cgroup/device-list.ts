import { type DeviceRule, isTotal, overlap, sameDevices, showRule } from './device-rule.ts';

/** A write to the v1 devices controller. */
export interface DeviceWrite {
  readonly file: 'devices.allow' | 'devices.deny';
  readonly content: string;
}

/** Rules that the v1 controller would accept and not carry out. */
export class DeviceRuleError extends Error {
  readonly code = 'ERR_DEVICE_RULE';
  readonly hint = 'cgroup v1 keeps one list of exceptions; name the devices to be allowed, or use cgroup v2';
}

/**
 * The writes that make the v1 devices controller (cgroup-v1/devices.rst) follow these rules, in their order. The controller
 * is a default and a list of exceptions from it; an entry is taken off the list only by one about exactly the same
 * devices, others that overlap would be ignored in silence: those are refused here.
 */
export function deviceWrites(rules: readonly DeviceRule[]): readonly DeviceWrite[] {
  const writes: DeviceWrite[] = [];
  let list = rules;
  const start = startsWithAll(rules);
  if (start !== undefined) {
    writes.push({ file: start ? 'devices.allow' : 'devices.deny', content: 'a *:* rwm' });
    list = rules.slice(2);
  }
  refuseHoles(list, start ?? true);
  return [...writes, ...list.map(write)];
}

function write(rule: DeviceRule): DeviceWrite {
  return { file: rule.allow ? 'devices.allow' : 'devices.deny', content: showRule(rule) };
}

/** What the first rule says about all devices of both types: a new default, and no exceptions yet. */
function startsWithAll([first, second]: readonly DeviceRule[]): boolean | undefined {
  if (first === undefined || second === undefined) return undefined;
  const all = first.type !== second.type && isTotal(first) && isTotal(second);
  return all && first.allow === second.allow ? first.allow : undefined;
}

/** An exception can be narrowed by a rule about the same devices only. */
function refuseHoles(rules: readonly DeviceRule[], allowedByDefault: boolean): void {
  const exceptions: DeviceRule[] = [];
  for (const rule of rules) {
    const isException = rule.allow !== allowedByDefault;
    if (isException) exceptions.push(rule);
    const hole = isException ? undefined : exceptions.find((each) => isHole(rule, each));
    if (hole) {
      const verb = rule.allow ? 'allow' : 'deny';
      throw new DeviceRuleError(
        `set device rules: cgroup v1 cannot ${verb} ${showRule(rule)} within ${showRule(hole)}`,
      );
    }
  }
}

function isHole(rule: DeviceRule, exception: DeviceRule): boolean {
  return overlap(rule, exception) && !sameDevices(rule, exception);
}
