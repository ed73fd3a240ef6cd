import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPidFd } from '../../linux/pidfd.ts';
import { POLL, poll } from '../../linux/poll.ts';
import { hasCode } from '../../linux/system-error.ts';
import { AttachError } from './attach-error.ts';

/** How long an app may live after all its streams have ended, before it counts as one that only closed them. */
const LEAVING_MS = 1000;
/** How long its supervisor may take to wake up and write how it ended. */
const PATIENCE_MS = 5000;
const RETRY_MS = 20;

/**
 * The exit status of an app whose streams have ended, as its supervisor writes it down (stage1/supervisor/status.ts); 0 where it
 * only closed them, and lives on.
 */
export function statusOfEnded(podDirectory: string, app: string): number {
  const read = (file: string) => readNumber(join(podDirectory, 'status', file));
  const status = () => read(app);
  const now = status();
  if (now !== undefined) return now;
  const pid = read(`${app}-started`);
  if (pid !== undefined && livesOn(pid)) return status() ?? 0;
  for (let tries = 0; tries < PATIENCE_MS / RETRY_MS; tries++) {
    const written = status();
    if (written !== undefined) return written;
    poll([], RETRY_MS);
  }
  throw new AttachError(app, 'it has ended, and nobody wrote down how');
}

/** A pidfd is readable when its process has ended: pidfd_open(2). */
function livesOn(pid: number): boolean {
  try {
    using process = openPidFd(pid);
    return poll([{ fd: process.fd, events: POLL.POLLIN }], LEAVING_MS).size === 0;
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
    throw error;
  }
}

function readNumber(path: string): number | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    return /^\d{1,9}\n$/.test(text) ? Number(text) : undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
