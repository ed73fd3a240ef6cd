import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { array, integer, object, oneOf, optional, parsed, string } from '../../schema/decode.ts';
import { decodeJson } from '../../schema/json.ts';
import type { Uuid } from '../../schema/uuid.ts';

/** A line that an app of a pod printed. */
export interface LogLine {
  readonly app: string;
  readonly stream: 'stdout' | 'stderr';
  /** Microseconds since 1970. */
  readonly time: bigint;
  readonly text: string;
  /** Only a piece of a line, which ends with another one or not at all. */
  readonly isPartial?: boolean;
}

export interface LogQuery {
  readonly uuid: Uuid;
  readonly app?: string | undefined;
  /** Only the last so many lines. */
  readonly lines?: number | undefined;
  /** Only what was printed then or later, in microseconds since 1970. */
  readonly since?: bigint | undefined;
  /** Wait for more, for ever. */
  readonly follow: boolean;
}

/** The journal cannot be read. */
export class JournalError extends Error {
  readonly code = 'ERR_JOURNAL';
}

/** Reads what the apps of a pod printed back from the journal, by journalctl(1), in the order of time. */
export async function* readJournal(query: LogQuery): AsyncGenerator<LogLine> {
  const journalctl = spawn('journalctl', journalctlArguments(query), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    journalctl.once('error', (cause) =>
      reject(new JournalError('read the journal: there is no journalctl', { cause })),
    );
    journalctl.once('close', resolve);
  });
  ended.catch(() => {}); // reported where it is awaited
  for await (const line of createInterface({ input: journalctl.stdout })) yield parseEntry(line);
  const status = await ended;
  if (status !== 0) throw new JournalError(`read the journal: journalctl ended with status ${status}`);
}

/** `--all`: without it long lines are left out. */
export function journalctlArguments({ uuid, app, lines, since, follow }: LogQuery): readonly string[] {
  return [
    '--output=json',
    '--output-fields=MESSAGE,TSRKT_APP,TSRKT_STREAM',
    '--all',
    '--quiet',
    '--no-pager',
    ...(follow ? ['--follow'] : []),
    ...(lines === undefined ? (follow ? ['--lines=all'] : []) : [`--lines=${lines}`]),
    ...(since === undefined
      ? []
      : [`--since=@${since / 1_000_000n}.${`${since % 1_000_000n}`.padStart(6, '0')}`]),
    `TSRKT_POD=${uuid}`,
    ...(app === undefined ? [] : [`TSRKT_APP=${app}`]),
  ];
}

/** A message that is no text comes as an array of bytes (systemd's JSON export format). */
const entry = object({
  MESSAGE: optional((value, at) =>
    typeof value === 'string' ? value : Buffer.from(array(integer(0, 255))(value, at)).toString(),
  ),
  TSRKT_APP: string,
  TSRKT_STREAM: oneOf('stdout', 'stderr'),
  __REALTIME_TIMESTAMP: parsed((text) => (/^\d+$/.test(text) ? BigInt(text) : undefined), 'microseconds'),
});

/** A line of journalctl's JSON. */
export function parseEntry(line: string): LogLine {
  const {
    MESSAGE = '',
    TSRKT_APP,
    TSRKT_STREAM,
    __REALTIME_TIMESTAMP,
  } = decodeJson(Buffer.from(line), entry, {
    what: 'an entry of the journal',
  });
  return { app: TSRKT_APP, stream: TSRKT_STREAM, time: __REALTIME_TIMESTAMP, text: MESSAGE };
}
