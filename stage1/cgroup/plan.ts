import type { Instruction } from '../../linux/bpf-instruction.ts';
import type { Hierarchy } from '../../linux/cgroup.ts';
import type { Resources } from '../../schema/runtime/resources.ts';
import { type Assignment, assign } from './assign.ts';
import { deviceProgram } from './device-program.ts';
import { controllersAt, type Place, placeOf } from './place.ts';
import type { Setting } from './setting.ts';

export interface CgroupRequest {
  /** `linux.cgroupsPath`: absolute, or relative to the cgroup we are in. */
  readonly path: string;
  readonly resources: Resources;
  /** Also join hierarchies that no limit needs, for those who look there for figures. */
  readonly everywhere?: boolean;
}

/** A cgroup to be made, as data; makeCgroup() carries it out. */
export interface CgroupPlan {
  readonly parts: readonly CgroupPart[];
  /** Limits that do not apply on this host, a sentence each. */
  readonly warnings: readonly string[];
}

/** The cgroup in one hierarchy. */
export interface CgroupPart {
  readonly version: 1 | 2;
  readonly place: Place;
  /** Of v2 those to be enabled from the base down; of v1 what is attached. */
  readonly controllers: readonly string[];
  readonly settings: readonly Setting[];
  /** The program that answers for devices, of v2. */
  readonly deviceProgram: readonly Instruction[];
}

/** What a cgroup comes to: kept as JSON in the pod's directory, for those who join it and for who removes it. */
export interface Cgroup {
  /** Directories; a process joins each. */
  readonly join: readonly string[];
  /** Directories, to be removed with all below them. */
  readonly remove: readonly string[];
}

/**
 * Plans a cgroup on these hierarchies (readHierarchies(), read once for all cgroups of a pod, as making them may move the
 * supervisor). Pure. On v1 only hierarchies are used that a limit needs: each costs a directory.
 */
export function planCgroup(request: CgroupRequest, everyHierarchy: readonly Hierarchy[]): CgroupPlan {
  const hierarchies = everyHierarchy.map((each) => ({
    ...each,
    controllers: controllersAt(request.path, each),
  }));
  const assignment = assign(request.resources, hierarchies);
  const isUnifiedHost = hierarchies.every(({ version }) => version === 2);
  const parts = hierarchies
    .filter(({ controllers }) => !controllers.some(isNamed))
    .map((hierarchy) => part(placeOf(request.path, hierarchy), hierarchy, assignment));
  return {
    parts: parts.filter((each) => request.everywhere || isUnifiedHost || isNeeded(each)),
    warnings: assignment.warnings,
  };
}

/** What a plan will leave behind, known before anything is made. */
export function planned({ parts }: CgroupPlan): Cgroup {
  return {
    join: parts.map(({ place }) => place.leaf),
    remove: parts.map(({ place }) => place.remove),
  };
}

/** A v1 hierarchy without controllers: systemd's own. */
function isNamed(controller: string): boolean {
  return controller.startsWith('name=');
}

function part(place: Place, { version, controllers }: Hierarchy, assignment: Assignment): CgroupPart {
  if (version === 1) {
    const settings = assignment.v1.filter(({ controller }) => controllers.includes(controller));
    return { version, place, controllers, settings, deviceProgram: [] };
  }
  const used = new Set(assignment.v2.map(({ controller }) => controller));
  return {
    version,
    place,
    controllers: controllers.filter((name) => used.has(name)),
    settings: assignment.v2,
    deviceProgram: assignment.deviceFilter.length > 0 ? deviceProgram(assignment.deviceFilter) : [],
  };
}

function isNeeded({ settings, deviceProgram: program }: CgroupPart): boolean {
  return settings.length > 0 || program.length > 0;
}
