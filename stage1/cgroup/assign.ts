import type { Hierarchy } from '../../linux/cgroup.ts';
import type { Resources } from '../../schema/runtime/resources.ts';
import { deviceWrites } from './device-list.ts';
import { type DeviceRule, deviceRules } from './device-rule.ts';
import { CgroupError, type Setting } from './setting.ts';
import { settingsV1 } from './settings-v1.ts';
import { settingsV2 } from './settings-v2.ts';

/** Which version of cgroups takes which limit. */
export interface Assignment {
  readonly v1: readonly Setting[];
  readonly v2: readonly Setting[];
  /** For an eBPF filter on the v2 cgroup. */
  readonly deviceFilter: readonly DeviceRule[];
  /** Limits that do not apply on this host, a sentence each. */
  readonly warnings: readonly string[];
}

/** Gives each limit to the hierarchy that has its controller, also on hosts with both versions. */
export function assign(resources: Resources, hierarchies: readonly Hierarchy[]): Assignment {
  const attached = new Set(hierarchies.flatMap((each) => (each.version === 1 ? each.controllers : [])));
  const unified = hierarchies.find(({ version }) => version === 2);
  const rules = deviceRules(resources.devices ?? []);
  const wanted1 = [...settingsV1(resources), ...(attached.has('devices') ? deviceSettings(rules) : [])];
  const wanted2 = settingsV2(resources);
  const v1 = wanted1.filter(({ controller }) => attached.has(controller));
  const v2 = wanted2.filter((each) => isForUnified(each, attached, unified));
  const deviceFilter = unified && !attached.has('devices') ? rules : [];
  const hasNoDevices = rules.length > 0 && !unified && !attached.has('devices');
  return {
    v1,
    v2,
    deviceFilter,
    warnings: [
      ...unassigned([...wanted1, ...wanted2], [...v1, ...v2], unified),
      ...(hasNoDevices ? [doesNotApply(DEVICE_RULES, 'this host has no cgroups')] : []),
      ...obsolete(resources),
    ],
  };
}

/** What refuses devices. Only who may make device nodes needs it, so who may not is not warned about it. */
export const DEVICE_RULES = 'device rules';

/** A warning: `the memory limit does not apply: …` */
export function doesNotApply(limit: string, why: string): string {
  return `the ${limit} ${/[^s]s$/.test(limit) ? 'do' : 'does'} not apply: ${why}`;
}

function deviceSettings(rules: readonly DeviceRule[]): readonly Setting[] {
  return deviceWrites(rules).map((write) => ({ ...write, controller: 'devices', limit: DEVICE_RULES }));
}

/** The controllers that v1 calls otherwise. */
const NAME_IN_V1: Readonly<Record<string, string>> = { io: 'blkio' };

function isForUnified(
  { controller, file, missing }: Setting,
  attached: ReadonlySet<string>,
  unified?: Hierarchy,
) {
  const isPresent = unified?.controllers.includes(controller) || (unified && controller === 'cgroup');
  if (missing === 'required' && !isPresent)
    throw new CgroupError(`set ${file}: this host has no cgroup v2 controller ${JSON.stringify(controller)}`);
  return isPresent && !attached.has(NAME_IN_V1[controller] ?? controller);
}

function unassigned(
  wanted: readonly Setting[],
  assigned: readonly Setting[],
  unified?: Hierarchy,
): readonly string[] {
  const done = new Set(assigned.map(({ limit }) => limit));
  const left = wanted.filter(({ limit, missing }) => !done.has(limit) && missing !== 'expendable');
  const reasons = new Map(left.map(({ limit, controller }) => [limit, controller]));
  return [...reasons].map(([limit, controller]) =>
    doesNotApply(
      limit,
      unified?.controllers.includes(controller)
        ? `the ${controller} controller of cgroup v2 has none`
        : `this host has no cgroup controller ${JSON.stringify(controller)}`,
    ),
  );
}

/** The runtime specification still has these; kernels do not. */
function obsolete({ memory = {} }: Resources): readonly string[] {
  const why = 'kernels have given it up';
  return [
    ...(memory.kernel ? [doesNotApply('kernel memory limit', why)] : []),
    ...(memory.kernelTCP ? [doesNotApply('TCP memory limit', why)] : []),
  ];
}
