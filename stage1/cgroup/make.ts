import { closeSync, constants, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { constants as os } from 'node:os';
import { dirname, join } from 'node:path';
import { attachDeviceProgram, loadDeviceProgram } from '../../linux/bpf.ts';
import { hasCode, SystemError } from '../../linux/system-error.ts';
import { DEVICE_RULES, doesNotApply } from './assign.ts';
import type { Cgroup, CgroupPart, CgroupPlan } from './plan.ts';
import type { Setting } from './setting.ts';

export interface MadeCgroup {
  readonly cgroup: Cgroup;
  /** Whether device rules are in force. */
  readonly filtersDevices: boolean;
  /** Limits that do not apply, those of the plan and those this kernel or this user cannot set. */
  readonly warnings: readonly string[];
}

/**
 * Makes a cgroup. What a host lacks is a warning; a limit that the kernel refuses is a SystemError that names it, and then
 * removeCgroup(planned(plan)) takes back what was made. In a delegated unit of v2 the calling process moves to a cgroup of
 * its own.
 */
export function makeCgroup(plan: CgroupPlan): MadeCgroup {
  const made: CgroupPart[] = [];
  let filtersDevices = false;
  const warnings = [...plan.warnings];
  for (const part of plan.parts) {
    const refused = makeDirectories(part);
    if (refused === undefined) {
      made.push(part);
      const filter = filterDevices(part);
      filtersDevices ||= filter.isAttached || part.settings.some(({ limit }) => limit === DEVICE_RULES);
      warnings.push(...part.settings.flatMap((setting) => set(part.place.leaf, setting)), ...filter.warnings);
    } else warnings.push(...refused);
  }
  const cgroup = {
    join: made.map(({ place }) => place.leaf),
    remove: made.map(({ place }) => place.remove),
  };
  return { cgroup, filtersDevices, warnings: [...new Set(warnings)] };
}

/** What does not apply because we may not make cgroups here; undefined when all is well. */
function makeDirectories(part: CgroupPart): readonly string[] | undefined {
  const { base, directories, vacate } = part.place;
  try {
    if (vacate !== undefined && part.controllers.length > 0) leaveBase(vacate);
    for (const directory of directories) makeDirectory(directory, part);
    return undefined;
  } catch (error) {
    if (!hasCode(error, 'EACCES', 'EPERM', 'EROFS')) throw error;
    const limits = new Set(part.settings.map(({ limit }) => limit));
    limits.delete(DEVICE_RULES);
    return [...limits].map((limit) => doesNotApply(limit, `cgroups cannot be made in ${base}`));
  }
}

function makeDirectory(directory: string, { version, controllers }: CgroupPart): void {
  if (version === 2) enable(dirname(directory), controllers);
  mkdirSync(directory, { recursive: true });
  if (version === 1 && controllers.includes('cpuset')) inheritCpuset(directory);
}

function leaveBase(directory: string): void {
  mkdirSync(directory, { recursive: true });
  writeTo(join(directory, 'cgroup.procs'), '0');
}

/** What cannot be enabled has no files below, and is found missing there. */
function enable(directory: string, controllers: readonly string[]): void {
  for (const controller of controllers) {
    try {
      writeTo(join(directory, 'cgroup.subtree_control'), `+${controller}`);
    } catch (error) {
      if (!hasCode(error, 'EBUSY', 'ENOENT', 'EACCES', 'EPERM', 'EINVAL')) throw error;
    }
  }
}

/** A new cpuset of v1 is empty, and nothing can join it until it has CPUs and memory nodes. */
function inheritCpuset(directory: string): void {
  for (const name of ['cpuset.cpus', 'cpuset.mems']) {
    const file = join(directory, name);
    if (readFileSync(file, 'utf8').trim() === '')
      writeTo(file, readFileSync(join(dirname(directory), name), 'utf8').trim());
  }
}

function set(directory: string, setting: Setting): readonly string[] {
  const { limit, file, otherwise, missing, controller } = setting;
  if (trySet(directory, setting, setting)) return [];
  if (otherwise && trySet(directory, otherwise, setting)) return [];
  if (missing === 'expendable') return [];
  if (missing === 'required') throw new SystemError(`set ${file}`, os.errno.ENOENT);
  return [doesNotApply(limit, `the ${controller} controller here has no ${file}`)];
}

/** false: this kernel has no such file, or it is not enabled. */
function trySet(
  directory: string,
  { file, content }: { file: string; content: string },
  { limit }: Setting,
): boolean {
  try {
    writeTo(join(directory, file), content);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    const { errno = 0 } = error as NodeJS.ErrnoException; // negative in Node's own errors
    throw new SystemError(`set the ${limit} to ${JSON.stringify(content)}`, Math.abs(errno));
  }
}

/** Without the right to load programs (EPERM) there may still be one to make device nodes: the caller has to see to that. */
function filterDevices({ place, deviceProgram }: CgroupPart) {
  if (deviceProgram.length === 0) return { isAttached: false, warnings: [] };
  try {
    attach(place.leaf, loadDeviceProgram(deviceProgram));
    return { isAttached: true, warnings: [] };
  } catch (error) {
    if (hasCode(error, 'EPERM')) return { isAttached: false, warnings: [] };
    if (!hasCode(error, 'EINVAL', 'ENOSYS')) throw error;
    const warning = doesNotApply(DEVICE_RULES, 'this kernel has no device programs for cgroups');
    return { isAttached: false, warnings: [warning] };
  }
}

function attach(directory: string, program: number): void {
  const cgroup = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    attachDeviceProgram(cgroup, program);
  } finally {
    closeSync(cgroup);
    closeSync(program);
  }
}

/** One write(2), as these files want it; they are never created. */
function writeTo(file: string, content: string): void {
  const fd = openSync(file, constants.O_WRONLY);
  try {
    writeSync(fd, content);
  } finally {
    closeSync(fd);
  }
}
