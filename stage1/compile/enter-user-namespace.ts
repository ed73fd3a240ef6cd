import { CLONE } from '../../linux/namespace.ts';
import { flags, type Program, text, vector } from '../program/step.ts';
import { unblockSignals } from './exec.ts';

export interface NamespaceEntry {
  /** The user namespace, open. */
  readonly namespace: number;
  /** What to execute there. */
  readonly path: string;
  readonly argv: readonly string[];
  readonly env: readonly string[];
}

/**
 * Becomes root of a user namespace and executes a program in it. setns(2) refuses a process with threads, and so the
 * runtime: it executes this program as an image of its own, and comes back by its last call.
 */
export function compileNamespaceEntry({ namespace, path, argv, env }: NamespaceEntry): Program {
  return {
    name: 'enter user namespace',
    steps: [
      { call: 'setns', args: [namespace, flags(CLONE, 'CLONE_NEWUSER')], what: 'join the user namespace' },
      { call: 'close', args: [namespace] },
      { call: 'setresgid', args: [0, 0, 0] },
      { call: 'setresuid', args: [0, 0, 0] },
      unblockSignals,
      { call: 'execve', args: [text(path), vector(argv), vector(env)], what: `execute ${path}` },
    ],
  };
}
