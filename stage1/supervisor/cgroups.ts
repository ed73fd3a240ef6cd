import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Hierarchy, readHierarchies } from '../../linux/cgroup.ts';
import { replaceFile } from '../../linux/durable-file.ts';
import { hasCode } from '../../linux/system-error.ts';
import { isInitialUserNamespace } from '../../linux/user-namespace.ts';
import { absolutePath } from '../../schema/c-string.ts';
import { array, object } from '../../schema/decode.ts';
import { decodeJson } from '../../schema/json.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import { makeCgroup } from '../cgroup/make.ts';
import { type Cgroup, type CgroupPlan, planCgroup, planned } from '../cgroup/plan.ts';
import { removeCgroup } from '../cgroup/remove.ts';
import type { Placement } from '../systemd/placement.ts';
import type { PodDocuments } from './pod.ts';

/** `cgroups.json` in the pod's directory: what to remove, written before anything is made. */
const FILE = 'cgroups.json';
const directories = array(absolutePath);
const record = array(object({ join: directories, remove: directories }));

export interface PodCgroups {
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
  if (placement.why !== undefined)
    return { join: new Map(), mayMakeDevices: false, warnings: [noCgroups(placement.why)] };
  const plans = planAll(sandbox, apps, placement.hierarchies);
  if (plans.every((plan) => plan === undefined))
    return { join: new Map(), mayMakeDevices: true, warnings: [] };
  writeRecord(
    directory,
    plans.flatMap((plan) => (plan ? [planned(plan)] : [])),
  );
  const made = plans.map((plan) => plan && makeCgroup(plan));
  const mayMakeDevices =
    !isInitialUserNamespace() || // where the kernel lets nobody make device nodes
    [sandbox, ...apps.values()].every(
      ({ linux }, i) => !linux?.resources?.devices?.length || made[i]?.filtersDevices,
    );
  const warnings = made.flatMap((each) => each?.warnings ?? []);
  return {
    join: joins(
      apps,
      made.map((each) => each?.cgroup),
    ),
    mayMakeDevices,
    warnings: [...new Set([...warnings, ...(mayMakeDevices ? [] : [NO_DEVICE_RULES])])],
  };
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
