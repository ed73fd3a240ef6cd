import { closeSync, fstatSync, readSync } from 'node:fs';
import { libc } from '../../linux/call.ts';
import { memoryFile } from '../../linux/descriptor.ts';
import { ignoredSignals } from '../../linux/ignored-signals.ts';
import { shellStatus, waitFor } from '../../linux/wait.ts';
import { compileHostProgram } from '../compile/host-program.ts';
import type { HostProgramRunner } from '../network/runner.ts';
import { startChild } from '../program/start-child.ts';

/** No plugin has this much to say. */
const MOST_OUTPUT = 1 << 20;

/**
 * Runs programs of the host by spawn programs, their input and output in memory. They inherit `lockFd`, so that the pod
 * counts as running until they have ended, even when the supervisor is killed.
 */
export function hostProgramRunner(lockFd: number | undefined): HostProgramRunner {
  return (program) => {
    const stdin = memoryFile('stdin', Buffer.from(program.stdin));
    const stdout = memoryFile('stdout', Buffer.alloc(0));
    const stderr = memoryFile('stderr', Buffer.alloc(0));
    try {
      rewind(stdin);
      const context = {
        stdio: [stdin, stdout, stderr],
        kept: lockFd,
        ignoredSignals: ignoredSignals(),
      } as const;
      const pid = startChild(compileHostProgram(program, context));
      return { status: shellStatus(waitFor(pid)), stdout: content(stdout), stderr: content(stderr) };
    } finally {
      for (const fd of [stdin, stdout, stderr]) closeSync(fd);
    }
  };
}

/** The child reads through the same open file, so from where we left it. */
function rewind(fd: number): void {
  libc('lseek', [fd, 0, 0]);
}

function content(fd: number): string {
  const bytes = Buffer.alloc(Math.min(fstatSync(fd).size, MOST_OUTPUT));
  const length = bytes.length === 0 ? 0 : readSync(fd, bytes, 0, bytes.length, 0);
  return bytes.toString('utf8', 0, length);
}
