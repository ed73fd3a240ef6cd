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
  const pipes = streamed.map((name) => {
    const { read, write } = pipe();
    if (name !== 'stdin')
      fchmodSync(write, 0o622); // an app of any user may open its /dev/stdout
    else fchmodSync(read, 0o644);
    setNonBlocking(name === 'stdin' ? write : read); // an app that plays with its own end holds nobody up
    return name === 'stdin' ? { name, ours: read, its: write } : { name, ours: write, its: read };
  });
  const listener = withAppDirectory(podDirectory, app, (socket) => {
    rmSync(socket, { force: true });
    return listenSeqpacket(socket);
  });
  const executable = openSync('/proc/self/exe', 'r');
  const nowhere = openSync('/dev/null', constants.O_RDWR);
  const attended = {
    app,
    listener,
    executable,
    ...(pty === undefined ? {} : { tty: pty.master }),
    ...Object.fromEntries(pipes.map(({ name, its }) => [name, its])),
  };
  const env = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
  const image = memoryFile('stage1: attending', asleepImage(attended, env));
  try {
    const attendant = startChild(compileAttendant(attended, [nowhere, nowhere, 2], image));
    const ofTty = onTty.map((name) => [name, pty?.slave]);
    const ofPipes = pipes.map(({ name, ours }) => [name, ours]);
    return { attendant, streams: Object.fromEntries([...ofTty, ...ofPipes]) };
  } finally {
    const given = [listener, executable, nowhere, image, ...pipes.map(({ its }) => its)];
    for (const fd of pty === undefined ? given : [...given, pty.master]) closeSync(fd);
  }
}

class CannotAttend extends Error {
  readonly code = 'ERR_UNSUPPORTED';
  constructor(app: string) {
    super(`app ${JSON.stringify(app)}: streams to attach to need the built stage1`);
  }
}
