/** How a pod comes to its end. */
export const ENDS = [
  'exits',
  'stopped',
  'stopped by force',
  'supervisor killed',
  'sleeping supervisor killed',
  'app killed',
  'killed while it starts',
] as const;
export type End = (typeof ENDS)[number];

/** One pod of a soak test. */
export interface PodPlan {
  readonly number: number;
  readonly end: End;
  /** What its app exits with, when it is let. */
  readonly status: number;
  readonly hasTwoApps: boolean;
  /** It begins without apps, which come while it runs. */
  readonly isSandbox: boolean;
  readonly network: 'none' | 'default';
  readonly hasPrivateUsers: boolean;
  /** When it is killed while it starts: so much of the time that a pod takes to be ready … */
  readonly moment: number;
  /** … from when the command is executed, or from when the pod has a directory. */
  readonly momentFrom: 'command' | 'directory';
}

/** The same seed makes the same plan. */
export function planPods(count: number, seed: number): readonly PodPlan[] {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, (_, number) => planPod(number, random));
}

function planPod(number: number, random: () => number): PodPlan {
  const end = chooseEnd(random());
  return {
    number,
    end,
    status: Math.floor(random() * 4),
    hasTwoApps: random() < 0.15,
    network: random() < 0.12 ? 'default' : 'none',
    hasPrivateUsers: random() < 0.08,
    moment: random(),
    momentFrom: random() < 0.4 ? 'command' : 'directory',
    isSandbox: random() < 0.25 && !ENDS_BY_APPS.includes(end),
  };
}

/** No app ends a sandbox. */
const ENDS_BY_APPS: readonly End[] = ['exits', 'app killed'];

/** Few sleep: a supervisor needs two quiet seconds before it does. */
const WEIGHTS: Readonly<Record<End, number>> = {
  exits: 20,
  stopped: 16,
  'stopped by force': 12,
  'supervisor killed': 16,
  'sleeping supervisor killed': 3,
  'app killed': 13,
  'killed while it starts': 20,
};

function chooseEnd(random: number): End {
  const sack = ENDS.flatMap((end) => Array<End>(WEIGHTS[end]).fill(end));
  return sack[Math.floor(random * sack.length)] ?? 'exits';
}

/** Numbers from 0 to 1, by mulberry32. */
function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
