import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { makePlace, type SoakPlace } from './place.ts';
import { type PodPlan, planPods } from './plan.ts';
import { live, ready, runArguments } from './pod-life.ts';
import { leftovers, type Traces, takeTraces } from './traces.ts';

export interface SoakOptions {
  readonly pods: number;
  readonly seed: number;
  /** How many live at a time. */
  readonly width: number;
  /** Called after every pod. */
  readonly onPod?: (done: number) => void;
}

export interface SoakResult {
  readonly plans: readonly PodPlan[];
  /** How long one pod took to be ready while nothing else was going on. */
  readonly startMs: number;
  /** From the first start until gc found nothing any more, and how much of it gc alone took at the end. */
  readonly totalMs: number;
  readonly gcMs: number;
  /** Pods that gc removed, and how often it was called. */
  readonly collected: number;
  readonly gcRuns: number;
  /** What did not go as planned. */
  readonly surprises: readonly string[];
  readonly kinds: readonly string[];
  /** What pods have left on the machine. */
  readonly left: Traces;
}

/** How many pods end between two gc's. */
const GC_EVERY = 100;

/** Starts pods and ends them in every way, some at a time, with gc now and then; then compares the machine with what it was. */
export async function soak({ pods, seed, width, onPod }: SoakOptions): Promise<SoakResult> {
  using place = await makePlace();
  const collector = makeCollector(place);
  const startMs = await warmUp(place);
  await collector.collectAll();
  const before = takeTraces(place, collector.uuids);
  const plans = planPods(pods, seed);
  const surprises: string[] = [];
  let done = 0;
  const begin = performance.now();
  await inParallel(width, plans, async (plan) => {
    const { uuid, surprise } = await live(place, plan, startMs);
    if (uuid !== undefined) collector.uuids.add(uuid);
    if (surprise !== undefined) surprises.push(surprise);
    onPod?.(++done);
    if (done % GC_EVERY === 0) await collector.collect();
  });
  const gcBegin = performance.now();
  await collector.collectAll();
  const end = performance.now();
  return {
    plans,
    startMs,
    totalMs: end - begin,
    gcMs: end - gcBegin,
    collected: collector.collected(),
    gcRuns: collector.runs(),
    surprises: [...surprises, ...collector.complaints],
    kinds: Object.keys(before),
    left: await settled(() => leftovers(before, takeTraces(place, collector.uuids))),
  };
}

/** Does something with all of them, some at a time. */
async function inParallel<T>(
  width: number,
  all: readonly T[],
  action: (one: T) => Promise<void>,
): Promise<void> {
  const waiting = all.values();
  const worker = async () => {
    for (const one of waiting) await action(one);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/** One pod with everything, so that what is made once and kept (a rendered image, tables of the firewall) is there. */
async function warmUp(place: SoakPlace): Promise<number> {
  await place.tsrkt(['fetch', place.image, place.other]);
  const [plan] = planPods(1, 0);
  let startMs = 0;
  for (const network of ['default', 'none'] as const) {
    const wish = {
      ...(plan as PodPlan),
      end: 'stopped',
      network,
      hasPrivateUsers: network === 'default',
      isSandbox: false,
    } as const;
    const begin = performance.now();
    const file = join(place.host.directory, `uuid-${network}`);
    const pod = place.start(runArguments(place, wish, file));
    await ready(place, pod, file);
    startMs = performance.now() - begin;
    pod.child.kill('SIGTERM');
    await pod.ended;
  }
  return startMs;
}

/** Calls gc, and knows every pod that it or anybody named. */
function makeCollector(place: SoakPlace) {
  const uuids = new Set<string>();
  const removed = new Set<string>();
  const complaints: string[] = [];
  let runs = 0;
  const collect = async () => {
    for (const uuid of podsOf(place)) uuids.add(uuid);
    const { status, output } = await place.tsrkt(['gc', '--grace-period=0s']);
    runs++;
    for (const [, uuid = ''] of output.matchAll(/^Garbage collecting pod "([0-9a-f-]{36})"$/gm))
      removed.add(uuid);
    for (const uuid of removed) uuids.add(uuid);
    if (status !== 0) complaints.push(`gc: exit status ${status}\n${output}`);
  };
  /** A killed process may take a while to be reaped, and its lock to be free. What imports leave is for `image gc`. */
  const collectAll = async () => {
    for (let tries = 0; tries < 10 && podsOf(place).length > 0; tries++) await collect();
    const { status, output } = await place.tsrkt(['image', 'gc']);
    if (status !== 0) complaints.push(`image gc: exit status ${status}\n${output}`);
  };
  return { uuids, complaints, collect, collectAll, collected: () => removed.size, runs: () => runs };
}

function podsOf({ data }: SoakPlace): readonly string[] {
  const pods = join(data, 'pods');
  return readdirSync(pods).flatMap((state) => readdirSync(join(pods, state)));
}

const SETTLE_MS = 30_000;

/** The kernel takes down namespaces in its own time, and whoever inherits killed processes reaps them in theirs. */
async function settled(find: () => Traces): Promise<Traces> {
  for (const end = performance.now() + SETTLE_MS; ; await setTimeout(250)) {
    const found = find();
    if (Object.keys(found).length === 0 || performance.now() > end) return found;
  }
}
