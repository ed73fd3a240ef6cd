import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The most memory a command held at once, in MB: its VmHWM, looked at until it ended. */
export async function peakMemory([program = '', ...args]: readonly string[]): Promise<number> {
  const child = spawn(program, args, { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, highWaterMark(child.pid));
  }, 20);
  await ended;
  clearInterval(timer);
  return Math.round(peak / 1024);
}

/** In KiB; 0 when the process is gone. */
function highWaterMark(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
