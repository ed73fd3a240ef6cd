import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Hierarchy, readHierarchies } from '../../linux/cgroup.ts';
import { isInitialUserNamespace } from '../../linux/user-namespace.ts';
import { isBooted, managerBus } from './bus.ts';
import { isRefusal, startScope } from './scope.ts';
import { managedPath, type Unit, unitOfCgroup } from './unit.ts';

/** Where a pod's cgroups go: the hierarchies to make them in, or why nowhere. */
export interface Placement {
  readonly hierarchies: readonly Hierarchy[];
  /** Set where the pod's cgroups cannot be made. */
  readonly why?: string;
}

/** What decides where a pod's cgroups go. */
export interface Circumstances {
  readonly isBooted: boolean;
  readonly unit: Unit | undefined;
  readonly isDelegated: boolean;
}

/**
 * Under systemd a pod's cgroups are only made where systemd has given a part of the tree away: in our unit if it is
 * delegated; in no case in a service that is not; anywhere else, such as in a login session, in a scope of the pod's own.
 */
export function placeFor({ isBooted, unit, isDelegated }: Circumstances): 'own' | 'nowhere' | 'scope' {
  if (!isBooted) return 'own';
  if (unit !== undefined && isDelegated) return 'own';
  return unit?.name.endsWith('.service') ? 'nowhere' : 'scope';
}

/** Goes to where the pod's cgroups can be made: into a scope, and out of the way of what will be made. */
export function settle(uuid: string): Placement {
  const hierarchies = readHierarchies();
  const unit = unitOfCgroup(managedPath(readFileSync('/proc/self/cgroup', 'utf8')));
  const isDelegated = hierarchies.some(({ ownership }) => ownership === 'delegated');
  const place = placeFor({ isBooted: isBooted(), unit, isDelegated });
  if (place === 'own') return stepAside(hierarchies);
  if (place === 'nowhere')
    return nowhere(`${unit?.name} has not delegated its cgroup, Delegate=yes in the unit does`);
  return enterScope(uuid)
    ? stepAside(readHierarchies())
    : nowhere('the service manager makes no scope for us');
}

function nowhere(why: string): Placement {
  return { hierarchies: [], why };
}

/** A user's pods are in the user's manager, also where the user is root of a user namespace. */
function enterScope(uuid: string): boolean {
  const isRoot = process.getuid?.() === 0 && isInitialUserNamespace();
  using bus = managerBus(isRoot ? 'system' : 'user', process.env);
  if (bus === undefined) return false;
  try {
    startScope(bus, { uuid, slice: isRoot ? 'machine.slice' : 'app.slice', pid: process.pid });
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

/** The cgroup of the supervisor and of the pod's first process: in v2 a cgroup has processes or controllers for others. */
const SUPERVISOR = 'supervisor';

function stepAside(hierarchies: readonly Hierarchy[]): Placement {
  for (const { version, ownership, own } of hierarchies) {
    if (version !== 2 || ownership !== 'delegated') continue;
    mkdirSync(join(own, SUPERVISOR), { recursive: true });
    writeFileSync(join(own, SUPERVISOR, 'cgroup.procs'), '0');
  }
  return { hierarchies };
}
