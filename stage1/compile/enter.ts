import { constants } from 'node:os';
import { CLONE, NAMESPACES, type NamespaceType } from '../../linux/namespace.ts';
import type { Linux, Process } from '../../schema/runtime-config.ts';
import { flags, type Program, type Step } from '../program/step.ts';
import { shown } from './args.ts';
import { type Becoming, becomeProcess, keptBy } from './become.ts';
import { joinCgroup } from './cgroup.ts';
import { setOomScore, setRlimits } from './privileges.ts';
import { setTimeOffsets } from './time-offsets.ts';

const { EPERM } = constants.errno;

/** What a process that enters an app is compiled with, beside its config. */
export interface EnterContext extends Becoming {
  /** The app's name. */
  readonly name: string;
  /** A pidfd of the app's first process. */
  readonly process: number;
  /** Its namespaces that are not ours. */
  readonly namespaces: readonly NamespaceType[];
  /** The directories of its cgroups that are not ours; `mustJoin` are those whose limits are the pod's. */
  readonly cgroups: readonly { readonly directory: string; readonly mustJoin: boolean }[];
  readonly timeOffsets: Linux['timeOffsets'];
}

/**
 * The spawn program of a process that enters a running app: into its cgroups and namespaces, then as the app itself became
 * what it is. Nothing of it is looked up by a path: setns(2) takes them from the process.
 */
export function compileEnter(config: Process, context: EnterContext): Program {
  const outer = context.namespaces.filter((type) => type !== 'mount' && type !== 'time');
  return {
    name: `enter app ${JSON.stringify(context.name)}`,
    keeps: [context.process, ...keptBy(context)],
    steps: [
      ...context.cgroups.flatMap(joinOne),
      ...setOomScore(config).map(tolerated), // an ordinary user may not write to what nobody may trace
      ...joinNamespaces(context.process, outer),
      ...setTimeOffsets(context.timeOffsets), // a time namespace like the app's: joining it takes rights over the clocks
      ...joinNamespaces(
        context.process,
        context.namespaces.filter((type) => type === 'mount'),
      ),
      ...setRlimits(config).map((step): Step => ({ ...step, tolerate: EPERM })), // a caller who has less keeps that
      ...becomeProcess(config, context),
    ],
  };
}

/** A cgroup the pod did not make need not be ours to join: a session of the user, a unit of the caller. */
function joinOne({ directory, mustJoin }: EnterContext['cgroups'][number]): readonly Step[] {
  const steps = joinCgroup({ join: [directory] });
  return mustJoin ? steps : steps.map(tolerated);
}

function tolerated(step: Step): Step {
  return { ...step, tolerate: 'any' };
}

/** All at once: the user namespace, when it is one of them, gives the right to the others. */
function joinNamespaces(process: number, types: readonly NamespaceType[]): readonly Step[] {
  if (types.length === 0) return [];
  const names = types.map((type) => NAMESPACES[type].flag);
  const what = `join the app's namespaces: ${types.join(', ')}`;
  return [{ call: 'setns', args: [shown(process, 'app'), flags(CLONE, ...names)], what }];
}
