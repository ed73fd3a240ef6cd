import { closeSync, existsSync, fchmodSync, fstatSync } from 'node:fs';
import { constants } from 'node:os';
import { memoryFile, pipe } from '../../linux/descriptor.ts';
import { openPidFd, signalProcess } from '../../linux/pidfd.ts';
import { POLL, poll } from '../../linux/poll.ts';
import { hasCode } from '../../linux/system-error.ts';
import { connectUnix } from '../../linux/unix-socket.ts';
import { reap, waitFor } from '../../linux/wait.ts';
import { compileJournalWriter, journalWriterImage } from '../compile/journal-writer.ts';
import type { Stdio } from '../compile/stdio.ts';
import { startChild } from '../program/start-child.ts';

const JOURNAL = '/run/systemd/journal/socket';

/** syslog(3): what a line of each stream is taken for. */
const PRIORITIES = { stdout: '6', stderr: '4' } as const;
type Stream = keyof typeof PRIORITIES;

export interface LoggedApp {
  readonly pod: string;
  readonly name: string;
}

/** The pipes that take an app's output to the journal, and the processes at their other ends. */
export interface AppJournal extends Disposable {
  readonly stdio: Stdio;
  readonly writers: readonly number[];
}

/** Which of our own streams the journal is at the other end of (systemd.exec(5), JOURNAL_STREAM). */
export function journalStreams(journalStream = ''): readonly Stream[] {
  const isJournal = (fd: number) => {
    const { dev, ino } = fstatSync(fd);
    return `${dev}:${ino}` === journalStream;
  };
  return journalStream === '' || !existsSync(JOURNAL)
    ? []
    : (['stdout', 'stderr'] as const).filter((_, index) => isJournal(index + 1));
}

/** Puts the journal in the place of these streams of `stdio`. Disposing closes our ends, which the app then has alone. */
export function openAppJournal(
  app: LoggedApp,
  [input, ...outputs]: Stdio,
  streams: readonly Stream[],
): AppJournal {
  const pipes = streams.map((stream) => ({ stream, ...startWriter(app, stream) }));
  const output = (stream: Stream, otherwise: number) =>
    pipes.find((each) => each.stream === stream)?.end ?? otherwise;
  return {
    stdio: [input, output('stdout', outputs[0]), output('stderr', outputs[1])],
    writers: pipes.map(({ pid }) => pid),
    [Symbol.dispose]() {
      for (const { end } of pipes) closeSync(end);
    },
  };
}

function startWriter(
  { pod, name }: LoggedApp,
  stream: Stream,
): { readonly pid: number; readonly end: number } {
  const { read, write } = pipe();
  fchmodSync(write, 0o622); // an app of any user may open its /dev/stdout
  const fields = {
    PRIORITY: PRIORITIES[stream],
    SYSLOG_IDENTIFIER: name,
    TSRKT_POD: pod,
    TSRKT_APP: name,
    TSRKT_STREAM: stream,
  };
  const image = memoryFile('journal writer', journalWriterImage(fields));
  const journal = connectUnix(JOURNAL, 'datagram');
  try {
    return { pid: startChild(compileJournalWriter({ input: read, journal, image })), end: write };
  } finally {
    for (const fd of [read, image, journal]) closeSync(fd);
  }
}

/** How long the journal may take for what an app printed last. */
const DRAIN_MS = 2000;

/** Waits for the writers of a pod that has ended. Who holds a pipe outside of the pod does not keep us waiting. */
export function endWriters(writers: readonly number[]): void {
  for (const pid of writers) if (!isReaped(pid)) endWriter(pid);
}

/** Reaped now or before, with the pod: only then could the pid be somebody else's. */
function isReaped(pid: number): boolean {
  try {
    return reap(pid) !== undefined;
  } catch (error) {
    if (hasCode(error, 'ECHILD')) return true;
    throw error;
  }
}

function endWriter(pid: number): void {
  using writer = openPidFd(pid);
  const hasEnded = poll([{ fd: writer.fd, events: POLL.POLLIN }], DRAIN_MS).size > 0;
  if (!hasEnded) signalProcess(writer, constants.signals.SIGKILL);
  waitFor(pid);
}
