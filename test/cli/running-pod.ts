import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { dist, type Ended } from './executable.ts';
import { home, loneUser, type OrdinaryUser, userWithRanges } from './ordinary-user.ts';
import { NO_PODS, podFixture } from './pod-image.ts';

/** Somebody who runs pods: a data directory, an image of busybox, and tsrkt as that user calls it. */
export interface Place extends Disposable {
  readonly path: string;
  readonly data: string;
  readonly image: string;
  /** The program and its first arguments, for what runs in the background. */
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly tsrkt: (args: readonly string[]) => Ended;
}

export async function rootsPlace(): Promise<Place> {
  const fixture = await podFixture();
  const command = [join(dist, 'tsrkt'), `--dir=${fixture.data}`, '--insecure-options=image'] as const;
  return { ...fixture, command: [...command], env: {}, tsrkt: (args) => fixture.tsrkt(args) };
}

export async function usersPlace(user: OrdinaryUser): Promise<Place> {
  const me = await home(user);
  return { ...me, command: ['setpriv', ...me.argv, '--insecure-options=image'], env: me.environment };
}

/** Root, an ordinary user with ranges of ids, and one without: for tests of what works for everybody. */
export const everybody = [
  { who: 'root', skip: NO_PODS, place: rootsPlace },
  {
    who: 'an ordinary user',
    skip: NO_PODS || (userWithRanges() === undefined && 'no user tsrkt-test'),
    place: () => usersPlace(userWithRanges() ?? loneUser),
  },
  { who: 'a user without ranges of ids', skip: NO_PODS, place: () => usersPlace(loneUser) },
] as const;

/** A pod in the background. */
export interface RunningPod extends Disposable {
  readonly uuid: string;
  readonly child: ChildProcess;
  /** Its exit status. */
  readonly ended: Promise<number | null>;
  /** What it has printed so far, on stdout and stderr. */
  readonly output: () => string;
}

/** `tsrkt run ARGS` in the background, without a network unless ARGS name one; returns when the pod is ready. Disposing kills it. */
export function startPod(place: Place, args: readonly string[]): Promise<RunningPod> {
  return startCommand(place, ['run'], args);
}

/** The same of `tsrkt app sandbox ARGS`. */
export function startSandbox(place: Place, args: readonly string[] = []): Promise<RunningPod> {
  return startCommand(place, ['app', 'sandbox'], args);
}

async function startCommand(
  place: Place,
  command: readonly string[],
  args: readonly string[],
): Promise<RunningPod> {
  const runs = join(place.data, 'pods/run');
  const before = uuidsIn(runs);
  const [file, ...argv] = place.command;
  const env = { PATH: process.env['PATH'] ?? '', ...place.env };
  const network = args.some((arg) => arg.startsWith('--net')) ? [] : ['--net=none'];
  const child = spawn(file, [...argv, ...command, ...network, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout?.on('data', (bytes) => (output += bytes));
  child.stderr?.on('data', (bytes) => (output += bytes));
  const ended = once(child, 'exit').then(([status]) => status);
  const isNew = (uuid: string) => !before.includes(uuid);
  for (let tries = 0; !uuidsIn(runs).some(isNew) && tries < 500; tries++) await setTimeout(20);
  const uuid = uuidsIn(runs).find(isNew) ?? '';
  const { status, stderr } = place.tsrkt(['status', '--wait-ready=20s', uuid]);
  assert.equal(status, 0, stderr + output);
  return { uuid, child, ended, output: () => output, [Symbol.dispose]: () => void child.kill('SIGKILL') };
}

function uuidsIn(directory: string): readonly string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}

/** Waits until something holds, 10 seconds at most. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (holds()) return;
    await setTimeout(20);
  }
  assert.fail(`waited for: ${what}`);
}

/** Waits until the pod has printed all of these. */
export async function see(running: RunningPod, ...patterns: readonly RegExp[]): Promise<void> {
  for (const pattern of patterns) await until(`${pattern}`, () => pattern.test(running.output()));
}

/** The directory of a pod that runs, or ended and was not marked yet. */
export function directoryOf(place: Place, { uuid }: RunningPod): string {
  return join(place.data, 'pods/run', uuid);
}
