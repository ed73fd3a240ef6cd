import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Hierarchy, readHierarchies } from '../../linux/cgroup.ts';
import { isInitialUserNamespace } from '../../linux/user-namespace.ts';
import { isBooted, managerBus } from './bus.ts';
import { isDelegated } from './delegation.ts';
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
  readonly unit: Unit | undefined;
  readonly isDelegated: boolean;
}

/**
 * Under systemd a pod's cgroups are only made where systemd has given a part of the tree away: in our unit if it is
 * delegated; in no case in a service that is not; anywhere else, such as in a login session, in a scope of the pod's own.
 */
export function placeFor({ unit, isDelegated: isOurs }: Circumstances): 'own' | 'nowhere' | 'scope' {
  if (unit !== undefined && isOurs) return 'own';
  return unit?.name.endsWith('.service') ? 'nowhere' : 'scope';
}

/** Goes to where the pod's cgroups can be made: into a scope, and out of the way of what will be made. */
export function settle(uuid: string): Placement {
  const hierarchies = readHierarchies();
  if (!isBooted()) return stepAside(hierarchies);
  const unit = unitOfCgroup(managedPath(readFileSync('/proc/self/cgroup', 'utf8')));
  const place = placeFor({ unit, isDelegated: isOwnDelegated(unit, hierarchies) });
  if (place === 'own') return stepAside(hierarchies.map(asDelegated));
  if (place === 'nowhere')
    return nowhere(`${unit?.name} has not delegated its cgroup, Delegate=yes in the unit does`);
  return enterScope(uuid)
    ? stepAside(readHierarchies().map(asDelegated))
    : nowhere('the service manager makes no scope for us');
}

function isOwnDelegated(unit: Unit | undefined, hierarchies: readonly Hierarchy[]): boolean {
  if (unit?.manager !== 'user') return hierarchies.some(({ ownership }) => ownership === 'delegated');
  using bus = managerBus('user', process.env);
  return bus !== undefined && isDelegated(bus, unit);
}

/** What a manager says of delegation holds for the unified hierarchy, also where the cgroup itself bears no mark of it. */
function asDelegated(hierarchy: Hierarchy): Hierarchy {
  const isMarked = hierarchy.version === 1 || hierarchy.ownership !== 'foreign';
  return isMarked ? hierarchy : { ...hierarchy, ownership: 'delegated' };
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
