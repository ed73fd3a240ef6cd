import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openPod, type Pod } from '../pod/open.ts';
import type { LogLine, LogQuery } from '../systemd/journal.ts';
import { type LogFile, openLogFile } from './log-file.ts';

/** How often a log that is followed is looked at. */
const POLL_MS = 200;

/**
 * Reads what the apps of a pod printed from the log files in its directory, in the order of time. Undefined where there are
 * none (of this app): then it may be in the journal. Who follows waits until the pod has ended.
 */
export function readLogFiles(dataDirectory: string, query: LogQuery): AsyncGenerator<LogLine> | undefined {
  const pod = openPod(dataDirectory, query.uuid, 'shared');
  const apps = pod === undefined ? [] : loggedApps(pod, query.app);
  if (pod !== undefined && apps.length > 0) return readFiles(dataDirectory, pod, query);
  pod?.[Symbol.dispose]();
  return undefined;
}

function loggedApps({ files }: Pod, app: string | undefined): readonly string[] {
  const logs = join(files, 'logs');
  const all = existsSync(logs) ? readdirSync(logs).filter((name) => !name.includes('.')) : [];
  return app === undefined ? all : all.filter((name) => name === app);
}

async function* readFiles(
  dataDirectory: string,
  pod: Pod,
  { uuid, app, lines, since, follow }: LogQuery,
): AsyncGenerator<LogLine> {
  using stack = new DisposableStack();
  stack.use(pod);
  const open = new Map<string, LogFile>();
  const logs = () => {
    const come = loggedApps(pod, app).filter((name) => !open.has(name)); // to a mutable pod
    for (const name of come) open.set(name, stack.use(openLogFile(join(pod.files, 'logs'), name)));
    return [...open.values()];
  };
  const isWanted = ({ time }: LogLine) => since === undefined || time >= since;
  let isRunning = pod.state === 'running';
  const first = filtered(merged(logs()), isWanted);
  yield* lines === undefined ? first : last(first, lines);
  while (follow && isRunning) {
    await setTimeout(POLL_MS);
    isRunning = stillRuns(dataDirectory, uuid);
    yield* filtered(merged(logs()), isWanted);
  }
}

function stillRuns(dataDirectory: string, uuid: LogQuery['uuid']): boolean {
  using pod = openPod(dataDirectory, uuid, 'shared');
  return pod?.state === 'running';
}

/** What each log has, in the order of time. */
function* merged(logs: readonly LogFile[]): Generator<LogLine> {
  const heads = logs.flatMap((log) => {
    const lines = log.more();
    const { value } = lines.next();
    return value ? [{ lines, line: value }] : [];
  });
  while (heads.length > 0) {
    const earliest = heads.reduce((one, other) => (other.line.time < one.line.time ? other : one));
    yield earliest.line;
    const { value } = earliest.lines.next();
    if (value) earliest.line = value;
    else heads.splice(heads.indexOf(earliest), 1);
  }
}

function* filtered(lines: Iterable<LogLine>, isWanted: (line: LogLine) => boolean): Generator<LogLine> {
  for (const line of lines) if (isWanted(line)) yield line;
}

/** The last `count`, of which no more than twice as many are held. */
function last(lines: Iterable<LogLine>, count: number): readonly LogLine[] {
  let held: LogLine[] = [];
  if (count === 0) return Array.from(lines, () => []).flat();
  for (const line of lines) {
    held.push(line);
    if (held.length >= 2 * count) held = held.slice(-count);
  }
  return held.slice(-count);
}
