import { AT_EMPTY_PATH } from '../../linux/fcntl.ts';
import { words } from '../../linux/words.ts';
import { elfExecutable, PF } from '../program/elf.ts';
import { machineCode } from '../program/machine-code.ts';
import { type Program, text, vector } from '../program/step.ts';
import { shown } from './args.ts';
import { fork } from './fork.ts';
import { setStdio } from './stdio.ts';

const CODE = 0x40_0000;
const DATA = 0x50_0000;
/** Three struct iovec: address and length each. */
const VECTORS_SIZE = 48;

/** By journald's native protocol: the fields of an entry, one a line. */
export type JournalFields = Readonly<Record<string, string>>;

/**
 * An executable that makes a journal entry with these fields of each line it reads: 12 kB of memory, and it sleeps while
 * nothing is printed, as the supervisor does. The journal's own stream protocol has no room for fields.
 */
export function journalWriterImage(fields: JournalFields): Buffer {
  const { lineWriter, loadSteps, elfMachine } = machineCode();
  const before = Buffer.from(
    `${Object.entries(fields)
      .map(([name, value]) => `${name}=${value}\n`)
      .join('')}MESSAGE=`,
  );
  const after = Buffer.from('\n');
  const texts = DATA + VECTORS_SIZE;
  const vectors = words([texts, before.length, 0, 0, texts + before.length, after.length]);
  return elfExecutable(elfMachine, [
    {
      address: CODE,
      permissions: PF.R | PF.X,
      content: Buffer.concat([loadSteps, words([DATA]), lineWriter]),
    },
    { address: DATA, permissions: PF.R | PF.W, content: Buffer.concat([vectors, before, after]) },
  ]);
}

export interface JournalWriterContext {
  /** What it reads: the end of a pipe. */
  readonly input: number;
  /** A datagram socket connected to the journal's. */
  readonly journal: number;
  readonly image: number;
}

/** The spawn program of such a writer. Signals stay blocked: it ends when all who write have ended, and not before. */
export function compileJournalWriter({ input, journal, image }: JournalWriterContext): Program {
  return {
    name: 'journal writer',
    keeps: [input, journal, image],
    steps: [
      fork(),
      ...setStdio([input, journal, journal]),
      { call: 'close_range', args: [3, shown(0xffff_ffff, '~0'), shown(4, 'CLOSE_RANGE_CLOEXEC')] },
      {
        call: 'execveat',
        args: [
          image,
          text(''),
          vector(['journal-writer']),
          vector([]),
          shown(AT_EMPTY_PATH, 'AT_EMPTY_PATH'),
        ],
        what: 'execute the journal writer',
      },
    ],
  };
}
