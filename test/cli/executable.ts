import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The folder of the built programs. */
export const dist = join(import.meta.dirname, '../../dist');

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Circumstances {
  readonly cwd?: string;
  readonly argv0?: string;
  readonly env?: Record<string, string>;
  /** Its file descriptors, beginning with stdin; it has stdout and stderr unless told otherwise. */
  readonly stdio?: readonly ('ignore' | 'pipe' | number)[];
}

/** Runs a program to its end, with a small environment of its own. */
export function runProgram(
  file: string,
  args: readonly string[],
  { env, stdio = ['ignore', 'pipe', 'pipe'], ...others }: Circumstances = {},
): Ended {
  const path = process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin';
  const { status, stdout, stderr } = spawnSync(file, args, {
    encoding: 'utf8',
    timeout: 60_000,
    stdio: [...stdio],
    ...others,
    env: { PATH: path, HOME: '/proc/nonexistent', ...env },
  });
  return { status, stdout, stderr };
}

/** As runProgram, under strace: also its system calls that name a file or a socket, one line each. */
export function traceProgram(file: string, args: readonly string[], circumstances: Circumstances = {}) {
  using directory = temporaryDirectory();
  const log = join(directory.path, 'strace');
  const ended = runProgram(
    'strace',
    ['-f', '-e', 'trace=%file,%network', '-o', log, file, ...args],
    circumstances,
  );
  return { ...ended, calls: readFileSync(log, 'utf8').split('\n') };
}

/** A new directory that goes when its scope ends. */
export function temporaryDirectory() {
  const path = mkdtempSync(join(tmpdir(), 'tsrkt-cli-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
