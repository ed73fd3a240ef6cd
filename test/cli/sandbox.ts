import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { directoryOf, type Place, type RunningPod } from './running-pod.ts';

/** Does what has to succeed, without a word on stderr. */
export function done(place: Place, ...args: readonly string[]): string {
  const { status, stdout, stderr } = place.tsrkt(args);
  assert.deepEqual([status, stderr], [0, ''], args.join(' '));
  return stdout;
}

/** Adds an app of busybox that runs a script of the shell. */
export function add(
  place: Place,
  pod: RunningPod,
  name: string,
  script: string,
  ...flags: readonly string[]
): void {
  done(place, 'app', 'add', pod.uuid, place.image, `--name=${name}`, ...flags, '--', script);
}

export function stateOf(place: Place, { uuid }: RunningPod, app: string): string {
  const { stdout } = place.tsrkt(['app', 'list', '--no-legend', uuid]);
  const line = stdout.split('\n').find((each) => each.split(/\s+/)[0] === app);
  return line?.split(/\s+/)[1] ?? 'none';
}

export function supervisorName(pod: RunningPod): string {
  return readFileSync(`/proc/${pod.child.pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
}

/** The processes of a pod, without its first, as `ps` has them. */
export function commands(place: Place, { uuid }: RunningPod): readonly string[] {
  const { stdout } = place.tsrkt(['ps', '--format=json', uuid]);
  const processes: readonly { command: string }[] = JSON.parse(stdout);
  return processes.flatMap(({ command }) => (command === 'pause' ? [] : [command]));
}

/** Runs a program beside others: its exit status. */
export function execute(program: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    execFile(program, args, (error) => resolve(error === null ? 0 : Number(error.code)));
  });
}

/** The same: what it prints. */
export function executeFor(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, (error, stdout) => (error === null ? resolve(stdout) : reject(error)));
  });
}

/** Ends a pod in good order; nothing of it is left but its directory. */
export async function stop(place: Place, pod: RunningPod): Promise<void> {
  done(place, 'stop', pod.uuid);
  assert.equal(await pod.ended, 0, pod.output());
  const left = readdirSync(directoryOf(place, pod));
  assert.ok(!left.includes('cgroups.json'), `${left}`);
}
