import { AT_EMPTY_PATH } from '../../linux/fcntl.ts';
import { POLL, packPollFds } from '../../linux/poll.ts';
import { words } from '../../linux/words.ts';
import { shown } from '../compile/args.ts';
import { fork } from '../compile/fork.ts';
import { setStdio } from '../compile/stdio.ts';
import { elfExecutable, PF } from '../program/elf.ts';
import { machineCode } from '../program/machine-code.ts';
import { type Program, text, vector } from '../program/step.ts';

const CODE = 0x40_0000;
const DATA = 0x50_0000;

/** The layout of the data, which test/unit/stage1/program/log-writer-x64.s knows. */
const TIME_AT = 128;
const HEADER_AT = 144;
const HEADER_LENGTH = 30;
const TEXTS_AT = 176;

export interface LogFile {
  readonly name: string;
  /** How many bytes are in it. */
  readonly length: number;
  /** With how many it is renamed to `NAME.1`, and begun anew: so a log is never longer than twice that and a line each. */
  readonly limit: number;
}

/** Which of an app's output streams are logged. */
export interface LoggedStreams {
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/**
 * An executable that writes a line to a log file for each line it reads: `SECONDS.NANOSECONDS stdout F text`, where P stands
 * for F when the text is a piece of a longer line, or has no end. Like the writer for the journal it is a few pages of memory, and it
 * sleeps while nothing is printed.
 */
export function logWriterImage({ name, length, limit }: LogFile, { stdout, stderr }: LoggedStreams): Buffer {
  const { logWriter, loadSteps, elfMachine } = machineCode();
  const texts = [`${name}\0`, `${name}.1\0`, '\n'].map((each) => Buffer.from(each));
  const [nameAt = 0, oldNameAt = 0, newlineAt = 0] = addresses(texts, DATA + TEXTS_AT);
  const data = Buffer.concat([
    packPollFds([
      { fd: stdout ? 0 : -1, events: POLL.POLLIN },
      { fd: stderr ? 1 : -1, events: POLL.POLLIN },
    ]),
    words([length, limit]),
    stream('stdout F'),
    stream('stderr F'),
    words([nameAt, oldNameAt]),
    words([DATA + HEADER_AT, HEADER_LENGTH, 0, 0, newlineAt, 1]),
    Buffer.alloc(HEADER_AT - TIME_AT),
    Buffer.from(' '.repeat(TEXTS_AT - HEADER_AT)),
    ...texts,
  ]);
  const content = Buffer.concat([loadSteps, words([DATA]), logWriter]);
  return elfExecutable(elfMachine, [
    { address: CODE, permissions: PF.R | PF.X, content },
    { address: DATA, permissions: PF.R | PF.W, content: data },
  ]);
}

/** How many bytes wait, and what stands in each line. */
function stream(label: string): Buffer {
  return Buffer.concat([words([0]), Buffer.from(label)]);
}

function addresses(texts: readonly Buffer[], first: number): readonly number[] {
  return texts.map((_, i) => texts.slice(0, i).reduce((sum, { length }) => sum + length, first));
}

export interface LogWriterContext {
  /** What it reads: the ends of pipes; anything where the stream is not logged. */
  readonly stdout: number;
  readonly stderr: number;
  /** The file, open to append. */
  readonly file: number;
  /** The directory it is in. */
  readonly directory: number;
  readonly image: number;
}

/** The spawn program of such a writer. Signals stay blocked: it ends when all who write have ended, and not before. */
export function compileLogWriter({ stdout, stderr, file, directory, image }: LogWriterContext): Program {
  return {
    name: 'log writer',
    keeps: [stdout, stderr, file, directory, image],
    steps: [
      fork(),
      ...setStdio([stdout, stderr, file]),
      { call: 'fcntl', args: [image, shown(1030, 'F_DUPFD_CLOEXEC'), 4], as: 'image' },
      { call: 'dup3', args: [directory, 3, 0], what: 'set file descriptor 3' },
      { call: 'close_range', args: [4, shown(0xffff_ffff, '~0'), shown(4, 'CLOSE_RANGE_CLOEXEC')] },
      {
        call: 'execveat',
        args: [
          { from: 'image' },
          text(''),
          vector(['log-writer']),
          vector([]),
          shown(AT_EMPTY_PATH, 'AT_EMPTY_PATH'),
        ],
        what: 'execute the log writer',
      },
    ],
  };
}
