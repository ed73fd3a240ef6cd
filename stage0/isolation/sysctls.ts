import type { Isolator } from '../../schema/isolator.ts';
import { isolatorValue } from '../../schema/isolator.ts';
import type { Sysctl } from '../../schema/sysctl.ts';
import type { NamespaceChoices } from '../runtime-config/namespaces.ts';
import { IsolatorError } from './isolator-error.ts';

/** An app or the pod (undefined), and its isolators. */
export interface IsolatorsOf {
  readonly app: string | undefined;
  readonly isolators: readonly Isolator[];
}

/** The kernel parameters a pod is given, and those it cannot have, a sentence each. */
export interface SysctlPlan {
  readonly sysctl: Sysctl;
  readonly warnings: readonly string[];
}

/**
 * What the isolators of a pod and its apps want of the kernel's parameters. All apps are in the pod's namespaces, so what
 * one wants is for all; where the pod itself says something, that counts. Parameters of the whole machine are nobody's.
 */
export function planSysctls(
  pod: readonly Isolator[],
  apps: readonly IsolatorsOf[],
  namespaces: NamespaceChoices,
): SysctlPlan {
  const own = isolatorValue(pod, 'os/unix/sysctl') ?? {};
  const asked = [{ app: undefined, sysctl: own }, ...apps.flatMap(sysctlOf)].flatMap(({ app, sysctl }) =>
    Object.entries(sysctl).map(([name, value]) => ({ app, name: dotted(name), value })),
  );
  const isOurs = ({ name }: Asked) => isNamespaced(name, namespaces);
  return {
    sysctl: merge(asked.filter(isOurs)),
    warnings: asked.filter((each) => !isOurs(each)).map(warning),
  };
}

interface Asked {
  readonly app: string | undefined;
  readonly name: string;
  readonly value: string;
}

function sysctlOf({ app, isolators }: IsolatorsOf) {
  const sysctl = isolatorValue(isolators, 'os/unix/sysctl');
  return sysctl === undefined ? [] : [{ app, sysctl }];
}

/** sysctl(8): where the first separator is a slash, dots belong to names. Names with dots in them stay as they are. */
function dotted(name: string): string {
  const isPath = /^[^./]*\//.test(name);
  return isPath && !name.includes('.') ? name.replaceAll('/', '.') : name;
}

const OF_IPC = [
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
];

/** Those that Docker and podman let containers have: parameters of the namespaces a pod has of its own. */
function isNamespaced(name: string, { hostNetwork, hostIpc }: NamespaceChoices): boolean {
  if (/^net[./]/.test(name)) return !hostNetwork;
  return !hostIpc && (OF_IPC.includes(name) || name.startsWith('fs.mqueue.'));
}

function merge(asked: readonly Asked[]): Sysctl {
  const first = new Map<string, Asked>();
  for (const each of asked) {
    const before = first.get(each.name);
    if (before === undefined) first.set(each.name, each);
    else if (before.app !== undefined && before.value !== each.value) throw conflict(before, each);
  }
  return Object.fromEntries([...first].map(([name, { value }]) => [name, value]));
}

function conflict(one: Asked, other: Asked): IsolatorError {
  const apps = `apps ${JSON.stringify(one.app)} and ${JSON.stringify(other.app)}`;
  return new IsolatorError(`${apps} are in one pod and want different values of ${one.name}`);
}

function warning({ app, name }: Asked): string {
  const who = app === undefined ? 'the pod' : `app ${JSON.stringify(app)}`;
  return `${who}: sysctl ${name} belongs to the machine and not to the pod, and has no effect`;
}
