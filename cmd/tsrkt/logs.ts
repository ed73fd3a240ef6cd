import { isatty } from 'node:tty';
import { rfc3339, rfc3339Time } from '../../schema/rfc3339.ts';
import { isUuid, type Uuid } from '../../schema/uuid.ts';
import type { LogLine } from '../../stage0/systemd/journal.ts';
import type { Command } from '../command.ts';
import { type Flags, UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { writeError, writeOutput } from '../output.ts';
import { positionals } from '../positionals.ts';
import { safeText } from '../safe-text.ts';
import { parseDuration } from './duration.ts';
import type { Globals } from './globals.ts';
import { namedPod, namedPods, UUID_FILE_FLAG } from './uuid-arguments.ts';

const FLAGS = {
  app: { kind: 'string', value: 'NAME', describe: 'only what this app printed' },
  follow: { kind: 'boolean', describe: 'wait for more' },
  since: {
    kind: 'string',
    value: 'TIME',
    describe: 'only what was printed since then: 2006-01-02T15:04:05Z, or so long ago: 10m',
  },
  lines: { kind: 'string', value: 'N', describe: 'only the last N lines' },
  prefix: { kind: 'boolean', describe: 'begin each line with its time and app' },
  ...UUID_FILE_FLAG,
} as const satisfies Flags;

export const logs: Command<Globals> = {
  usage: '[FLAGS] UUID',
  summary:
    'Shows what the apps of a pod printed: those with --stdout=log or --stderr=log, until the pod is removed; and pods that a ' +
    'systemd unit runs, whose output is in the journal and kept there when the pod is gone. --follow ends with the pod where ' +
    'it is no journal that is read.',
  example: 'tsrkt logs --follow 6733c088',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const { app, follow, lines, prefix, since, 'uuid-file': file } = flagValues(FLAGS, given);
    const { readJournal } = await import('../../stage0/systemd/journal.ts');
    const { readLogFiles } = await import('../../stage0/logs/read-logs.ts');
    const uuid = podOfLogs(words, file, globals.dataDirectory);
    const show = isatty(1) ? safeText : (text: string) => text;
    const query = { uuid, app, follow, lines: count(lines), since: sinceTime(since, Date.now()) };
    for await (const line of readLogFiles(globals.dataDirectory, query) ?? readJournal(query)) {
      const text = show(prefix ? withPrefix(line) : line.text);
      const write = line.stream === 'stderr' ? writeError : writeOutput;
      write(line.isPartial && !prefix ? text : `${text}\n`);
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

/** In microseconds since 1970. */
function sinceTime(since: string | undefined, now: number): bigint | undefined {
  if (since === undefined) return undefined;
  const isDate = /^\d{4}-/.test(since);
  const time = isDate ? rfc3339Time(rfc3339(since, '--since')) : now - parseDuration('since', since);
  return BigInt(Math.round(time)) * 1000n;
}

function withPrefix({ time, app, text }: LogLine): string {
  return `${new Date(Number(time / 1000n)).toISOString()} ${app}: ${text}`;
}
