import { closeSync, constants, fchmodSync, openSync, rmSync } from 'node:fs';
import { memoryFile, pipe, setNonBlocking } from '../../linux/descriptor.ts';
import { openPty } from '../../linux/pty.ts';
import { listenSeqpacket } from '../../linux/seqpacket.ts';
import { setWindowSize } from '../../linux/tty.ts';
import type { AppStdio } from '../../schema/pod-files.ts';
import { startChild } from '../program/start-child.ts';
import { canSleep } from '../supervisor/sleep.ts';
import { asleepImage, compileAttendant } from './asleep.ts';
import { withAppDirectory } from './attend.ts';
import { type Attended, descriptorsOf } from './attended.ts';

/** Until somebody with a window of their own attaches. */
const WINDOW = { rows: 24, columns: 80 };

export interface AttendedStreams {
  /** The app's ends of those that are `tty` or `stream`. */
  readonly streams: { readonly stdin?: number; readonly stdout?: number; readonly stderr?: number };
  readonly attendant: number;
}

/** Makes the streams of an app that one can attach to, and starts who has their other ends; undefined where there are none. */
export function startAttendant(
  podDirectory: string,
  app: string,
  wanted: AppStdio,
): AttendedStreams | undefined {
  const named = (mode: string) =>
    (['stdin', 'stdout', 'stderr'] as const).filter((name) => wanted[name] === mode);
  const [onTty, streamed] = [named('tty'), named('stream')];
  if (onTty.length + streamed.length === 0) return undefined;
  if (!canSleep()) throw new CannotAttend(app);
  const pty = onTty.length > 0 ? openPty('/dev/ptmx') : undefined;
  if (pty !== undefined) setWindowSize(pty.master, WINDOW);
  const pipes = streamed.map(openPipe);
  const attended = {
    app,
    listener: listen(podDirectory, app),
    executable: openSync('/proc/self/exe', 'r'),
    ...(pty === undefined ? {} : { tty: pty.master }),
    ...Object.fromEntries(pipes.map(({ name, its }) => [name, its])),
  };
  try {
    const attendant = start(attended);
    const ofTty = onTty.map((name) => [name, pty?.slave]);
    const ofPipes = pipes.map(({ name, ours }) => [name, ours]);
    return { attendant, streams: Object.fromEntries([...ofTty, ...ofPipes]) };
  } finally {
    for (const fd of descriptorsOf(attended)) closeSync(fd);
  }
}

function openPipe(name: 'stdin' | 'stdout' | 'stderr') {
  const { read, write } = pipe();
  const [ours, its] = name === 'stdin' ? [read, write] : [write, read];
  fchmodSync(ours, name === 'stdin' ? 0o644 : 0o622); // an app of any user may open its /dev/stdout
  setNonBlocking(its); // an app that plays with its own end holds nobody up
  return { name, ours, its };
}

function listen(podDirectory: string, app: string): number {
  return withAppDirectory(podDirectory, app, (socket) => {
    rmSync(socket, { force: true });
    return listenSeqpacket(socket);
  });
}

function start(attended: Attended): number {
  const env = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
  const image = memoryFile('stage1: attending', asleepImage(attended, env));
  const nowhere = openSync('/dev/null', constants.O_RDWR);
  const alive = pipe();
  try {
    const stdio = [nowhere, nowhere, 2] as const;
    return startChild(compileAttendant(attended, { stdio, image, alive: alive.write }));
  } finally {
    for (const fd of [image, nowhere, alive.read, alive.write]) closeSync(fd);
  }
}

class CannotAttend extends Error {
  readonly code = 'ERR_UNSUPPORTED';
  constructor(app: string) {
    super(`app ${JSON.stringify(app)}: streams to attach to need the built stage1`);
  }
}
