import { AT_EMPTY_PATH, F_SETFD, FD_CLOEXEC } from '../../linux/fcntl.ts';
import { POLL, packPollFds } from '../../linux/poll.ts';
import { words } from '../../linux/words.ts';
import { elfExecutable, PF } from '../program/elf.ts';
import { encode } from '../program/encode.ts';
import { machineCode } from '../program/machine-code.ts';
import { type Program, struct, text, vector } from '../program/step.ts';
import { shown } from './args.ts';

const CODE = 0x40_0000;
const STEPS = 0x50_0000;

export interface SleepContext {
  /** What wakes the supervisor when it becomes readable: its signalfd, and the sockets of apps that speak sd_notify(3). */
  readonly readable: readonly number[];
  /** What wakes it in any case: −1, never. */
  readonly timeoutMs: number;
  /** The supervisor's executable, open. */
  readonly executable: number;
  readonly argv: readonly string[];
  readonly env: readonly string[];
}

/** Wait for what happens first, then become the supervisor again: all that an idle pod needs of it. */
export function compileSleep({ readable, timeoutMs, executable, argv, env }: SleepContext): Program {
  const wanted = packPollFds(readable.map((fd) => ({ fd, events: POLL.POLLIN })));
  const shownWanted = `[${readable.map((fd) => `{fd=${fd}, events=POLLIN}`).join(', ')}]`;
  const closeOnExec = shown(FD_CLOEXEC, 'FD_CLOEXEC');
  return {
    name: 'sleeping supervisor',
    steps: [
      { call: 'fcntl', args: [executable, shown(F_SETFD, 'F_SETFD'), closeOnExec] },
      { call: 'poll', args: [struct(wanted, shownWanted), readable.length, timeoutMs], tolerate: 'any' },
      {
        call: 'execveat',
        args: [executable, text(''), vector(argv), vector(env), shown(AT_EMPTY_PATH, 'AT_EMPTY_PATH')],
        what: 'wake up',
      },
    ],
  };
}

/** A program as an executable of its own: the trampoline behind `mov $steps, %rdi`, and the steps in writable pages. */
export function sleepImage(program: Program): Buffer {
  const { trampoline, loadSteps, elfMachine } = machineCode();
  const code = Buffer.concat([loadSteps, words([STEPS]), trampoline]);
  return elfExecutable(elfMachine, [
    { address: CODE, permissions: PF.R | PF.X, content: code },
    { address: STEPS, permissions: PF.R | PF.W, content: encode(program, STEPS) },
  ]);
}
