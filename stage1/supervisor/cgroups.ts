import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Hierarchy, readHierarchies } from '../../linux/cgroup.ts';
import { replaceFile } from '../../linux/durable-file.ts';
import { hasCode } from '../../linux/system-error.ts';
import { isInitialUserNamespace } from '../../linux/user-namespace.ts';
import { absolutePath } from '../../schema/c-string.ts';
import { array, type Infer, object, oneOf, optional, string } from '../../schema/decode.ts';
import { decodeJson } from '../../schema/json.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import { type MadeCgroup, makeCgroup } from '../cgroup/make.ts';
import { type Cgroup, type CgroupPlan, planCgroup, planned } from '../cgroup/plan.ts';
import { removeCgroup } from '../cgroup/remove.ts';
import type { Placement } from '../systemd/placement.ts';
import type { PodDocuments } from './pod.ts';

/** `cgroups.json` in the pod's directory: what to remove, written before anything is made. */
const FILE = 'cgroups.json';
const directories = array(absolutePath);
const cgroup = object({ join: directories, remove: directories });
const record = array(cgroup);

/** What is needed to make cgroups of apps that come later: a supervisor that has stepped aside sees its own cgroup elsewhere. */
export type CgroupPlace = Infer<typeof cgroupPlace>;

export const cgroupPlace = object({
  hierarchies: array(
    object({
      version: oneOf(1, 2),
      controllers: array(string),
      ownControllers: array(string),
      mountPoint: absolutePath,
      own: absolutePath,
      ownership: oneOf('root', 'delegated', 'foreign'),
    }),
  ),
  /** Set where cgroups cannot be made. */
  why: optional(string),
  /** That of the pod itself. */
  pod: optional(cgroup),
});

/** The cgroup of one app. */
export interface AppCgroup {
  /** The directories that the app joins, some of which may be the pod's. */
  readonly join: readonly string[];
  /** Those that are the app's alone. */
  readonly own: readonly string[];
  readonly mayMakeDevices: boolean;
  readonly warnings: readonly string[];
}

export interface PodCgroups {
  readonly place: CgroupPlace;
  /** The directories an app joins, by its name. */
  readonly join: ReadonlyMap<string, readonly string[]>;
  /** false: nothing would keep an app from a device but that it cannot make its file. */
  readonly mayMakeDevices: boolean;
  /** Limits that do not apply on this host, a sentence each. */
  readonly warnings: readonly string[];
}

/** Makes the cgroups of a pod and its apps, as far as their configs name any and there is a place for them. */
export function makePodCgroups(
  directory: string,
  { sandbox, apps }: PodDocuments,
  placement: Placement,
): PodCgroups {
  const { hierarchies, why } = placement;
  if (why !== undefined)
    return {
      place: { hierarchies, why },
      join: new Map(),
      mayMakeDevices: false,
      warnings: [noCgroups(why)],
    };
  const plans = planAll(sandbox, apps, hierarchies);
  if (plans.every((plan) => plan === undefined))
    return { place: { hierarchies }, join: new Map(), mayMakeDevices: true, warnings: [] };
  writeRecord(
    directory,
    plans.flatMap((plan) => (plan ? [planned(plan)] : [])),
  );
  const made = plans.map((plan) => plan && makeCgroup(plan));
  const mayMakeDevices = [sandbox, ...apps.values()].every((config, i) => areDevicesKept(config, made[i]));
  const warnings = made.flatMap((each) => each?.warnings ?? []);
  const pod = made[0]?.cgroup;
  return {
    place: { hierarchies, ...(pod && { pod }) },
    join: joins(
      apps,
      made.map((each) => each?.cgroup),
    ),
    mayMakeDevices,
    warnings: [...new Set([...warnings, ...(mayMakeDevices ? [] : [NO_DEVICE_RULES])])],
  };
}

/** Makes the cgroup of an app of a pod that runs; one that was there before is used again. It is removed with the pod, or by itself. */
export function makeAppCgroup(directory: string, config: RuntimeConfig, place: CgroupPlace): AppCgroup {
  const request = place.why === undefined ? requestOf(config) : undefined;
  const plan = request && planCgroup(request, place.hierarchies);
  if (plan !== undefined) addToRecord(directory, planned(plan));
  const made = plan && makeOrRemove(plan);
  const mayMakeDevices = place.why === undefined && areDevicesKept(config, made);
  const { join: own = [] } = made?.cgroup ?? {};
  return {
    join: joined(place.pod, made?.cgroup),
    own,
    mayMakeDevices,
    warnings: [
      ...(made?.warnings ?? []),
      ...(mayMakeDevices || place.why !== undefined ? [] : [NO_DEVICE_RULES]),
    ],
  };
}

/** What was made when a limit is refused is the app's alone, and goes again. */
function makeOrRemove(plan: CgroupPlan): MadeCgroup {
  try {
    return makeCgroup(plan);
  } catch (error) {
    removeCgroup({ remove: planned(plan).join });
    throw error;
  }
}

/** Whether device rules that somebody wants are in force; where the kernel lets nobody make device nodes they need not be. */
function areDevicesKept({ linux }: RuntimeConfig, made: MadeCgroup | undefined): boolean {
  return !isInitialUserNamespace() || !linux?.resources?.devices?.length || made?.filtersDevices === true;
}

/** The directories that apps would join; nothing is made. */
export function plannedCgroups(sandbox: RuntimeConfig, apps: Configs): PodCgroups['join'] {
  return joins(
    apps,
    planAll(sandbox, apps, readHierarchies()).map((plan) => plan && planned(plan)),
  );
}

/** Removes them, again if need be; nothing where none were made. */
export function removePodCgroups(directory: string): void {
  for (const cgroup of readRecord(directory).toReversed()) removeCgroup(cgroup);
  rmSync(join(directory, FILE), { force: true });
}

/** The directories that a pod's processes were made to join, for others to join them there. */
export function recordedCgroups(directory: string): readonly string[] {
  return readRecord(directory).flatMap(({ join: directories }) => directories);
}

type Configs = PodDocuments['apps'];

const NO_DEVICE_RULES = 'device rules do not apply here, so apps go without CAP_MKNOD';

function noCgroups(why: string): string {
  return `apps have no cgroups, so no limits, and go without CAP_MKNOD: ${why}`;
}

/** The plan of the pod's cgroup, then those of its apps. */
function planAll(
  sandbox: RuntimeConfig,
  apps: Configs,
  hierarchies: readonly Hierarchy[],
): readonly (CgroupPlan | undefined)[] {
  const requests = [sandbox, ...apps.values()].map(requestOf);
  if (requests.every((request) => request === undefined)) return [];
  return requests.map((request) => request && planCgroup(request, hierarchies));
}

function joins(apps: Configs, [pod, ...own]: readonly (Cgroup | undefined)[]): PodCgroups['join'] {
  return new Map([...apps.keys()].map((name, i) => [name, joined(pod, own[i])]));
}

function requestOf({ linux }: RuntimeConfig) {
  const { cgroupsPath, resources = {} } = linux ?? {};
  return cgroupsPath ? { path: cgroupsPath, resources } : undefined;
}

/** A hierarchy in which only the pod has limits is joined at the pod's place. */
function joined(pod: Cgroup | undefined, app: Cgroup | undefined): readonly string[] {
  const own = app?.join ?? [];
  const shared = (pod?.join ?? []).filter((place) => !own.some((below) => below.startsWith(`${place}/`)));
  return [...shared, ...own];
}

function addToRecord(directory: string, added: Cgroup): void {
  const known = readRecord(directory);
  const text = JSON.stringify(added);
  if (!known.some((each) => JSON.stringify(each) === text)) writeRecord(directory, [...known, added]);
}

function writeRecord(directory: string, cgroups: readonly Cgroup[]): void {
  replaceFile(join(directory, FILE), JSON.stringify(cgroups), { sync: false });
}

function readRecord(directory: string): readonly Cgroup[] {
  try {
    return decodeJson(readFileSync(join(directory, FILE)), record, { what: FILE });
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
