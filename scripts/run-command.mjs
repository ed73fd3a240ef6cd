import { spawnSync } from 'node:child_process';
import { checkout } from './checkout.mjs';

/**
 * Runs a command in the checkout, its output on our stderr, so that stdout keeps for results.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {number} the exit status, 128+N for signal N, 127 when it could not start
 */
export function runCommand(command, args, env = process.env) {
  const { status, signal, error } = spawnSync(command, args, { cwd: checkout, env, stdio: ['ignore', 2, 2] });
  if (error) console.error(`${command}: ${error.message}`);
  return status ?? (signal ? 128 : 127);
}

/** As runCommand, but a failure is an Error that names the command. */
export function mustRun(command, args, env = process.env) {
  const status = runCommand(command, args, env);
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')}: exit status ${status}`);
}
