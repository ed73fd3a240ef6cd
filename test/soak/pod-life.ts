import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { hasCode } from '../../linux/system-error.ts';
import type { Ended, SoakPlace, Started } from './place.ts';
import type { End, PodPlan } from './plan.ts';

/** How a pod has lived. */
export interface PodLife {
  readonly uuid: string | undefined;
  /** What was not as planned, if anything. */
  readonly surprise?: string;
}

/** Starts a pod and brings it to the end that its plan names. `startMs` is how long a pod takes to be ready. */
export async function live(place: SoakPlace, plan: PodPlan, startMs: number): Promise<PodLife> {
  const file = join(place.host.directory, `uuid-${plan.number}`);
  const pod = place.start(runArguments(place, plan, file));
  try {
    await bringToEnd[plan.end]({ place, plan, pod, file, startMs });
    const surprise = unexpected(plan, await withPatience(pod.ended, 'the pod ends'));
    return { uuid: read(file), ...(surprise === undefined ? {} : { surprise }) };
  } catch (error) {
    pod.child.kill('SIGKILL');
    const { output } = await pod.ended;
    return { uuid: read(file), surprise: `${describe(plan)}: ${(error as Error).message}\n${output}` };
  }
}

/** `tsrkt run` as the plan wants it; port numbers are the pod's own. */
export function runArguments(
  { image, other }: SoakPlace,
  plan: PodPlan,
  uuidFile: string,
): readonly string[] {
  const network =
    plan.network === 'none' ? ['--net=none'] : ['--net=default', `--port=web:${10_000 + plan.number}`];
  const users = plan.hasPrivateUsers ? ['--private-users'] : [];
  const second = plan.hasTwoApps ? ['---', other, '--name=other', '--', otherScript(plan)] : [];
  const flags = [...network, ...users, `--uuid-file-save=${uuidFile}`];
  return ['run', ...flags, image, '--name=main', '--', script(plan), ...second];
}

/** The pod's UUID, when it is ready. */
export async function ready({ data }: SoakPlace, pod: Started, uuidFile: string): Promise<string> {
  await until('the pod is ready', () => {
    if (pod.child.exitCode !== null) throw new Error(`ended with ${pod.child.exitCode} before it was ready`);
    return read(join(data, 'pods/run', read(uuidFile) ?? '', 'supervisor-status')) === 'ready';
  });
  return read(uuidFile) ?? '';
}

interface Run {
  readonly place: SoakPlace;
  readonly plan: PodPlan;
  readonly pod: Started;
  readonly file: string;
  readonly startMs: number;
}

const bringToEnd: Readonly<Record<End, (run: Run) => Promise<void>>> = {
  exits: async () => {},
  stopped: (run) => stop(run, []),
  'stopped by force': (run) => stop(run, ['--force']),
  async 'supervisor killed'({ place, pod, file }) {
    await ready(place, pod, file);
    pod.child.kill('SIGKILL');
  },
  async 'sleeping supervisor killed'({ place, pod, file }) {
    const asleep = `stage1\0asleep\0${await ready(place, pod, file)}`;
    await until('the supervisor sleeps', () => read(`/proc/${pod.child.pid}/cmdline`) === asleep);
    pod.child.kill('SIGKILL');
  },
  async 'app killed'({ place, pod, file }) {
    const directory = join(place.data, 'pods/run', await ready(place, pod, file));
    process.kill(Number(read(join(directory, 'status/main-started'))), 'SIGKILL');
  },
  async 'killed while it starts'({ plan, pod, file, startMs }) {
    if (plan.momentFrom === 'directory') await until('the pod has a UUID', () => read(file) !== undefined);
    await setTimeout(plan.moment * startMs);
    pod.child.kill('SIGKILL');
  },
};

async function stop({ place, pod, file }: Run, flags: readonly string[]): Promise<void> {
  const uuid = await ready(place, pod, file);
  const { status, output } = await place.tsrkt(['stop', ...flags, uuid]);
  if (status !== 0) throw new Error(`tsrkt stop: exit status ${status}\n${output}`);
}

function script({ end, status }: PodPlan): string {
  return end === 'exits' ? `exit ${status}` : `trap "exit ${status}" TERM; sleep 1000 & wait`;
}

/** The second app ends when the pod does. */
function otherScript({ end }: PodPlan): string {
  return end === 'exits' ? 'sleep 0.1' : 'trap "exit 0" TERM; sleep 1000 & wait';
}

function unexpected(plan: PodPlan, { status, signal, output }: Ended): string | undefined {
  const expected = expectedEnd(plan);
  if ((signal ?? status) === expected) return undefined;
  return `${describe(plan)}: ended with ${signal ?? status}, not ${expected}\n${output}`;
}

/** What the supervisor ends with: a status, or the signal that killed it. */
function expectedEnd({ end, status }: PodPlan): number | 'SIGKILL' {
  if (end === 'exits' || end === 'stopped') return status;
  return end === 'app killed' ? 137 : 'SIGKILL';
}

function describe(plan: PodPlan): string {
  return `pod ${plan.number} (${plan.end}${plan.hasTwoApps ? ', two apps' : ''}, --net=${plan.network}${plan.hasPrivateUsers ? ', --private-users' : ''})`;
}

/** A file's content without what ends it; undefined when it is not there, or empty. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').replace(/[\n\0]$/, '') || undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'ENOTDIR')) return undefined;
    throw error;
  }
}

const PATIENCE_MS = 30_000;

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; !holds(); await setTimeout(5))
    if (performance.now() > end) throw new Error(`waited for this: ${what}`);
}

function withPatience<T>(promise: Promise<T>, what: string): Promise<T> {
  const tooLate = setTimeout(PATIENCE_MS, undefined, { ref: false }).then(() => {
    throw new Error(`waited for this: ${what}`);
  });
  return Promise.race([promise, tooLate]);
}
