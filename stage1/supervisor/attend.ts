import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import type { Changing } from '../control/changing.ts';
import type { Streams } from '../stdio/streams.ts';
import { managerEnvironment } from '../systemd/environment.ts';
import type { KeptSockets } from '../systemd/kept-sockets.ts';
import { registerMachine, unregisterMachine } from '../systemd/machine.ts';
import { openManager } from '../systemd/manager.ts';
import type { Outputs } from '../systemd/outputs.ts';
import { drainTerminal, type Terminal } from '../terminal/terminal.ts';
import type { Course } from './course.ts';
import type { Documents } from './documents.ts';
import { type Life, readCourse, writtenCourse } from './life.ts';
import { canSleep, fallAsleep } from './sleep.ts';
import type { StartPhase } from './start-phase.ts';
import { statusFiles } from './status.ts';
import { type PodEnd, supervise } from './supervise.ts';

/** How long the user's terminal may take to show what an app printed last. */
const DRAIN_MS = 2000;

export interface PodToRun {
  readonly uuid: string;
  /** The pod's directory, absolute. */
  readonly directory: string;
  /** The inherited fd that holds the pod's lock. */
  readonly lockFd: number | undefined;
}

/** What stays with a pod that runs. */
export interface Attendance {
  readonly terminal?: Terminal | undefined;
  /** The apps have just been started. */
  readonly isNew: boolean;
  readonly start: StartPhase;
  readonly outputs: Outputs;
  readonly streams: Streams;
  readonly sockets: KeptSockets;
  /** Of a pod that is changed while it runs. */
  readonly changing: Changing | undefined;
}

/** Stays with the apps until the last has ended; asleep while nothing happens, unless there is a terminal to serve. */
export function attend(
  pod: PodToRun,
  documents: Documents,
  life: Life,
  { terminal, isNew, start, outputs, streams, sockets, changing }: Attendance,
): PodEnd {
  const sleeps = terminal === undefined && canSleep();
  const status = statusFiles(pod.directory);
  const manager = openManager({
    environment: managerEnvironment(process.env, process.pid),
    speakers: life.speakers,
    apps: [...documents.current.apps.keys()],
    clockOffset: (app) => clockOffset(documents.current.apps.get(app)),
    hasStarted: life.course.isUp,
    onReady: status.ready,
  });
  const isMachine = isNew ? registerMachine({ uuid: pod.uuid, pause: life.pause }) : life.isMachine;
  const sleep = (course: Course, timeoutMs: number) =>
    fallAsleep(
      pod,
      {
        ...life,
        isMachine,
        course: writtenCourse(course),
        speakers: manager.speakers,
        writers: outputs.writers(),
        ...streams.kept(),
        sockets: sockets.kept(),
        ...(changing && { cgroups: Object.fromEntries(changing.cgroups), mutable: changing.kept() }),
      },
      timeoutMs,
    );
  const end = supervise({
    pause: life.pause,
    course: readCourse(life.course),
    documents,
    changing,
    signals: life.signals,
    status,
    start,
    terminal,
    streams,
    sockets,
    manager,
    whenQuiet: sleeps ? sleep : undefined,
  });
  if (terminal) drainTerminal(terminal, DRAIN_MS);
  if (isMachine) unregisterMachine(pod.uuid);
  return end;
}

/** How much the app's CLOCK_MONOTONIC is ahead of ours, in microseconds. */
function clockOffset(config: RuntimeConfig | undefined): number {
  const { secs = 0n, nanosecs = 0 } = config?.linux?.timeOffsets?.['monotonic'] ?? {};
  return Number(secs) * 1_000_000 + Math.floor(nanosecs / 1000);
}
