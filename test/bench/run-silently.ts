import { spawnSync } from 'node:child_process';

/** Runs a command line to its end. Milliseconds are wall time, from before fork to after wait. */
export function runSilently([command, ...args]: readonly string[]) {
  const started = process.hrtime.bigint();
  const { status, stdout, stderr, error } = spawnSync(command!, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ms = Number(process.hrtime.bigint() - started) / 1e6;
  return { status, stdout, stderr: error ? error.message : stderr, ms };
}
