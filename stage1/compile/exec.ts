import { constants } from 'node:os';
import type { Process } from '../../schema/runtime-config.ts';
import { type Arg, type Step, text, vector } from '../program/step.ts';
import { shown } from './args.ts';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * execve(2) of the app. A name without a slash is tried along the app's PATH as execvpe(3) does, by one call for each
 * directory: the first that succeeds is the last call of the program.
 */
export function execute({ args = [], env = [] }: Process): readonly Step[] {
  const name = args[0] ?? '';
  const candidates = name.includes('/') ? [name] : searchPath(env).map((directory) => `${directory}/${name}`);
  return candidates.map((path, i) => ({
    call: 'execve',
    args: [text(path), vector(args), vector(env)],
    what: `execute ${name}`,
    ...(i < candidates.length - 1 ? { tolerate: 'any' as const } : {}),
  }));
}

/** An empty element of PATH is the current directory, as in execvp(3). */
function searchPath(env: readonly string[]): readonly string[] {
  const path = env.findLast((entry) => entry.startsWith('PATH='))?.slice('PATH='.length) || DEFAULT_PATH;
  return path.split(':').map((directory) => directory || '.');
}

/** What is ignored now is not in a fresh process: the runtime ignores SIGPIPE, a shell ignores SIGINT for what runs behind it. */
export function resetSignals(ignored: readonly number[]): readonly Step[] {
  const byDefault: Arg = { bytes: Buffer.alloc(32), shown: '{SIG_DFL}' };
  return ignored.map((signal) => ({
    call: 'rt_sigaction',
    args: [shown(signal, signalName(signal)), byDefault, 0, 8],
  }));
}

function signalName(signal: number): string {
  return Object.entries(constants.signals).find(([, number]) => number === signal)?.[0] ?? `${signal}`;
}

/** Nothing is blocked in a fresh process; what was pending for us until now is not the app's. */
export const unblockSignals: Step = {
  call: 'rt_sigprocmask',
  args: [{ value: 2, shown: 'SIG_SETMASK' }, { bytes: Buffer.alloc(8), shown: '{}' }, 0, 8],
};
