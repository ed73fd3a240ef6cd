import { closeSync, constants, fstatSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { memoryFile, pipe } from '../../linux/descriptor.ts';
import { startChild } from '../program/start-child.ts';
import { compileLogWriter, logWriterImage } from './log-writer.ts';

/** How large a log may become before it is renamed and begun anew. */
const LIMIT = 8 << 20;

const { O_RDONLY, O_DIRECTORY, O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;

export interface AppLog {
  /** The write end of the pipe of each stream that is logged. */
  readonly stdout?: number;
  readonly stderr?: number;
  /** The process at the other ends. */
  readonly writer: number;
}

/** Starts what writes these streams of an app to `logs/APP` in the pod's directory. It ends when nobody has their ends any more. */
export function openLog(
  podDirectory: string,
  app: string,
  streams: readonly ('stdout' | 'stderr')[],
): AppLog {
  const logs = join(podDirectory, 'logs');
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const directory = openSync(logs, O_RDONLY | O_DIRECTORY);
  const file = openSync(join(logs, app), O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  const logged = { stdout: streams.includes('stdout'), stderr: streams.includes('stderr') };
  const pipes = streams.map((stream) => ({ stream, ...pipe() }));
  const image = memoryFile(
    'log writer',
    logWriterImage({ name: app, length: fstatSync(file).size, limit: LIMIT }, logged),
  );
  const read = (stream: string) => pipes.find((each) => each.stream === stream)?.read ?? file;
  try {
    const context = { stdout: read('stdout'), stderr: read('stderr'), file, directory, image };
    const writer = startChild(compileLogWriter(context));
    return { writer, ...Object.fromEntries(pipes.map(({ stream, write }) => [stream, write])) };
  } finally {
    for (const fd of [directory, file, image, ...pipes.map((each) => each.read)]) closeSync(fd);
  }
}
