import { writeSync } from 'node:fs';
import { hasCode } from '../linux/system-error.ts';

/** Prints a line of results; nothing at all where there is none, such as a table without rows. */
export function print(line: string): void {
  if (line !== '') write(1, `${line}\n`);
}

/** Writes text to stdout as it is, without the end of a line. */
export function writeOutput(text: string): void {
  write(1, text);
}

/** Writes text to stderr as it is, without the end of a line. */
export function writeError(text: string): void {
  write(2, text);
}

/** Tells people something, on stderr. */
export function tell(line: string): void {
  write(2, `${line}\n`);
}

/**
 * Not process.stdout: the runtime would make a pipe non-blocking, and the pod, which inherits it, would find it so. When the
 * reader has gone away there is nothing left to say.
 */
function write(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(fd, bytes, done);
    } catch (error) {
      if (hasCode(error, 'EPIPE', 'EBADF')) return;
      if (!hasCode(error, 'EAGAIN')) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}
