import { isatty } from 'node:tty';
import { isUuid, type Uuid } from '../../schema/uuid.ts';
import type { LogLine } from '../../stage0/systemd/journal.ts';
import type { Command } from '../command.ts';
import { type Flags, UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { writeError, writeOutput } from '../output.ts';
import { positionals } from '../positionals.ts';
import { safeText } from '../safe-text.ts';
import type { Globals } from './globals.ts';
import { namedPod, namedPods, UUID_FILE_FLAG } from './uuid-arguments.ts';

const FLAGS = {
  app: { kind: 'string', value: 'NAME', describe: 'only what this app printed' },
  follow: { kind: 'boolean', describe: 'wait for more' },
  lines: { kind: 'string', value: 'N', describe: 'only the last N lines' },
  prefix: { kind: 'boolean', describe: 'begin each line with its time and app' },
  ...UUID_FILE_FLAG,
} as const satisfies Flags;

export const logs: Command<Globals> = {
  usage: '[FLAGS] UUID',
  summary:
    'Shows what the apps of a pod printed, as the journal has it. Pods that a systemd unit runs print there, and it is kept ' +
    'when the pod is gone.',
  example: 'tsrkt logs --follow 6733c088',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const { app, follow, lines, prefix, 'uuid-file': file } = flagValues(FLAGS, given);
    const { readJournal } = await import('../../stage0/systemd/journal.ts');
    const uuid = podOfLogs(words, file, globals.dataDirectory);
    const show = isatty(1) ? safeText : (text: string) => text;
    for await (const line of readJournal({ uuid, app, follow, lines: count(lines) })) {
      const text = show(prefix ? withPrefix(line) : line.text);
      const write = line.stream === 'stderr' ? writeError : writeOutput;
      write(`${text}\n`);
    }
    return 0;
  },
};

/** A pod that is gone can still be named in full. */
function podOfLogs(words: readonly string[], file: string | undefined, dataDirectory: string): Uuid {
  const [text = '', ...others] = namedPods(words, file);
  return others.length === 0 && isUuid(text) ? text : namedPod(words, file, dataDirectory);
}

function count(lines: string | undefined): number | undefined {
  if (lines === undefined || /^\d{1,9}$/.test(lines)) return lines === undefined ? undefined : Number(lines);
  throw new UsageError(`--lines: expected a number, got ${JSON.stringify(lines)}`);
}

function withPrefix({ time, app, text }: LogLine): string {
  return `${new Date(Number(time / 1000n)).toISOString()} ${app}: ${text}`;
}
