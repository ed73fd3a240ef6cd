import { constants } from 'node:os';
import { AT_EMPTY_PATH, F_SETFD } from '../../linux/fcntl.ts';
import { POLL, packPollFds } from '../../linux/poll.ts';
import { words } from '../../linux/words.ts';
import { shown } from '../compile/args.ts';
import { dieWithSupervisor } from '../compile/die-with-supervisor.ts';
import { fork } from '../compile/fork.ts';
import { newSession, type Stdio, setStdio } from '../compile/stdio.ts';
import { elfExecutable, PF } from '../program/elf.ts';
import { encode } from '../program/encode.ts';
import { machineCode } from '../program/machine-code.ts';
import { type Program, type Step, text, vector } from '../program/step.ts';
import { type Attended, attendOperands, descriptorsOf } from './attended.ts';

const { SIGUSR1 } = constants.signals;

/** How the supervisor tells an attendant that its pod has ended. No service manager sends it, as it does SIGTERM, before. */
export const POD_ENDED = SIGUSR1;

const CODE = 0x40_0000;
const TABLE = 0x50_0000;
const STEPS = 0x60_0000;

/**
 * An attendant to whom nobody is attached, as an executable of a few pages: it throws away what the app prints, so that the
 * app is never held up, until somebody connects; then it executes `stage1 attend`.
 */
export function asleepImage(attended: Attended, env: readonly string[]): Buffer {
  const { drain, trampoline, loadSteps, elfMachine } = machineCode();
  const { listener, tty, stdout, stderr, executable } = attended;
  const fds = [listener, ...[tty, stdout, stderr].filter((fd) => fd !== undefined)];
  const pollFds = packPollFds(fds.map((fd) => ({ fd, events: POLL.POLLIN })));
  const wake: Step = {
    call: 'execveat',
    args: [
      executable,
      text(''),
      vector(['stage1', 'attend', ...attendOperands(attended)]),
      vector(env),
      shown(AT_EMPTY_PATH, 'AT_EMPTY_PATH'),
    ],
  };
  const code = [loadSteps, words([TABLE]), drain, loadSteps, words([STEPS]), trampoline];
  return elfExecutable(elfMachine, [
    { address: CODE, permissions: PF.R | PF.X, content: Buffer.concat(code) },
    { address: TABLE, permissions: PF.R | PF.W, content: Buffer.concat([words([fds.length]), pollFds]) },
    { address: STEPS, permissions: PF.R | PF.W, content: encode({ name: 'wake up', steps: [wake] }, STEPS) },
  ]);
}

export interface AttendantContext {
  readonly stdio: Stdio;
  readonly image: number;
  /** See {@link dieWithSupervisor}. */
  readonly alive: number;
}

/**
 * The spawn program of an attendant. It dies with the supervisor, is in a session of its own, so that no key of the user's
 * terminal ends it, and no signal does but {@link POD_ENDED}.
 */
export function compileAttendant(attended: Attended, { stdio, image, alive }: AttendantContext): Program {
  const kept = descriptorsOf(attended);
  const podEnded = Buffer.alloc(8);
  podEnded.writeUInt32LE(1 << (POD_ENDED - 1));
  return {
    name: `attendant of app ${JSON.stringify(attended.app)}`,
    keeps: [...stdio, ...kept, image, alive],
    steps: [
      fork(),
      ...dieWithSupervisor(alive),
      newSession,
      ...setStdio(stdio),
      { call: 'close_range', args: [3, shown(0xffff_ffff, '~0'), shown(4, 'CLOSE_RANGE_CLOEXEC')] },
      ...kept.map((fd): Step => ({ call: 'fcntl', args: [fd, shown(F_SETFD, 'F_SETFD'), 0] })),
      {
        call: 'rt_sigprocmask',
        args: [shown(1, 'SIG_UNBLOCK'), { bytes: podEnded, shown: '{SIGUSR1}' }, 0, 8],
      },
      {
        call: 'execveat',
        args: [
          image,
          text(''),
          vector(['stage1', 'attending', attended.app]),
          vector([]),
          shown(AT_EMPTY_PATH, 'AT_EMPTY_PATH'),
        ],
        what: 'execute the attendant',
      },
    ],
  };
}
