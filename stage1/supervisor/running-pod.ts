import type { Changing } from '../control/changing.ts';
import type { Streams } from '../stdio/streams.ts';
import type { KeptSockets } from '../systemd/kept-sockets.ts';
import type { Manager } from '../systemd/manager.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Course } from './course.ts';
import type { Documents } from './documents.ts';
import type { StartPhase } from './start-phase.ts';
import type { StatusFiles } from './status.ts';

/** A pod whose apps run. */
export interface RunningPod {
  readonly pause: number;
  /** How it stands. */
  readonly course: Course;
  readonly documents: Documents;
  /** What changes it while it runs, where it may be changed. */
  readonly changing: Changing | undefined;
  /** The signalfd by which every signal comes. */
  readonly signals: number;
  readonly status: StatusFiles;
  readonly start: StartPhase;
  readonly terminal: Terminal | undefined;
  readonly streams: Streams;
  readonly sockets: KeptSockets;
  /** Who is told how the pod is. */
  readonly manager: Manager;
  /** What to do when nothing has happened for a while, and nothing has to be done for `timeoutMs`; it does not come back, or throws. */
  readonly whenQuiet: ((course: Course, timeoutMs: number) => never) | undefined;
}
