import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../linux/system-error.ts';
import type { LogLine } from '../systemd/journal.ts';

/** No line of a log is longer, see stage1/stdio/log-writer.ts; of a longer one somebody else wrote, the rest is left out. */
const LONGEST = 32_768;
const CHUNK = 65_536;

/** An app's log that may still grow. */
export interface LogFile extends Disposable {
  /** The lines that came since the last call. */
  readonly more: () => Generator<LogLine>;
}

/**
 * Opens the log of an app, `logs/APP` and what was renamed to `APP.1`. The newer is opened first: were it renamed in between,
 * the older would be the same file.
 */
export function openLogFile(directory: string, app: string): LogFile {
  const parts: OpenLog[] = [];
  const open = (name: string, add: (log: OpenLog) => void) => {
    const log = openLog(join(directory, name));
    if (log === undefined) return;
    if (parts.some(({ ino }) => ino === log.ino)) closeSync(log.fd);
    else add(log);
  };
  open(app, (log) => parts.push(log));
  open(`${app}.1`, (log) => parts.unshift(log));
  return {
    *more() {
      open(app, (log) => parts.push(log)); // the one before is whole by then
      for (const part of parts) yield* linesOf(part, app);
      for (const { fd } of parts.splice(0, parts.length - 1)) closeSync(fd);
    },
    [Symbol.dispose]() {
      for (const { fd } of parts) closeSync(fd);
    },
  };
}

/** A line as stage1/stdio/log-writer.ts writes it; undefined for what is none, such as the rest of a full disk. */
export function parseLogLine(line: string, app: string): LogLine | undefined {
  const [, seconds, nanoseconds, stream, kind, text] =
    /^(\d{10})\.(\d{9}) (stdout|stderr) ([FP]) (.*)$/s.exec(line) ?? [];
  if (seconds === undefined || nanoseconds === undefined || text === undefined) return undefined;
  return {
    app,
    stream: stream === 'stderr' ? 'stderr' : 'stdout',
    time: BigInt(seconds + nanoseconds) / 1000n,
    text,
    isPartial: kind === 'P',
  };
}

interface OpenLog {
  readonly fd: number;
  readonly ino: bigint;
  /** The beginning of a line whose end is not there yet. */
  rest: Buffer;
}

function openLog(path: string): OpenLog | undefined {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    return { fd, ino: fstatSync(fd, { bigint: true }).ino, rest: Buffer.alloc(0) };
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

function* linesOf(log: OpenLog, app: string): Generator<LogLine> {
  const bytes = Buffer.alloc(CHUNK);
  for (;;) {
    const count = readSync(log.fd, bytes);
    if (count === 0) return;
    const text = Buffer.concat([log.rest, bytes.subarray(0, count)]);
    let start = 0;
    for (let end = text.indexOf(10); end >= 0; end = text.indexOf(10, start)) {
      const line = parseLogLine(text.toString('utf8', start, Math.min(end, start + LONGEST)), app);
      if (line !== undefined) yield line;
      start = end + 1;
    }
    log.rest = text.subarray(start, start + LONGEST);
  }
}
