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
    const run = { place, plan, pod, file, startMs };
    const change = plan.isSandbox && plan.end !== 'killed while it starts' ? changeApps(run) : undefined;
    if (!plan.end.endsWith('supervisor killed')) await change;
    else await setTimeout(change && plan.moment * 4 * startMs); // killed on the way
    await bringToEnd[plan.end](run);
    await change?.catch(() => {}); // whose pod was killed
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
  const port = plan.isSandbox ? 'web:tcp:80:' : 'web';
  const network =
    plan.network === 'none' ? ['--net=none'] : ['--net=default', `--port=${port}:${10_000 + plan.number}`];
  const users = plan.hasPrivateUsers ? ['--private-users'] : [];
  const second = plan.hasTwoApps ? ['---', other, '--name=other', '--', otherScript(plan)] : [];
  const flags = [...network, ...users, `--uuid-file-save=${uuidFile}`];
  if (plan.isSandbox) return ['app', 'sandbox', ...flags];
  return ['run', ...flags, image, '--name=main', '--', script(plan), ...second];
}

/** Has apps come into a sandbox, and one of them go and come again. */
async function changeApps({ place, plan, pod, file }: Run): Promise<void> {
  const uuid = await ready(place, pod, file);
  const names = plan.hasTwoApps ? ['main', 'other'] : ['main'];
  for (const name of [...names, 'main']) {
    if (name === 'main') await must(place, ['app', 'rm', uuid, `--app=${name}`], 'where there is one');
    await must(place, ['app', 'add', uuid, place.image, `--name=${name}`, '--', otherScript(plan)]);
    await must(place, ['app', 'start', uuid, `--app=${name}`]);
  }
}

async function must(place: SoakPlace, args: readonly string[], when?: 'where there is one'): Promise<void> {
  const { status, output } = await place.tsrkt(args);
  if (status !== 0 && when === undefined)
    throw new Error(`${args.join(' ')}: exit status ${status}\n${output}`);
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
  await must(place, ['stop', ...flags, uuid]);
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
function expectedEnd({ end, status, isSandbox }: PodPlan): number | 'SIGKILL' {
  if (isSandbox && end === 'stopped') return 0;
  if (end === 'exits' || end === 'stopped') return status;
  return end === 'app killed' ? 137 : 'SIGKILL';
}

function describe(plan: PodPlan): string {
  return `${plan.isSandbox ? 'sandbox' : 'pod'} ${plan.number} (${plan.end}${plan.hasTwoApps ? ', two apps' : ''}, --net=${plan.network}${plan.hasPrivateUsers ? ', --private-users' : ''})`;
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
