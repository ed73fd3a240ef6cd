import { constants } from 'node:os';
import { CLONE } from '../../linux/namespace.ts';
import { PR } from '../../linux/prctl.ts';
import { waitFor } from '../../linux/wait.ts';
import { shown } from '../compile/args.ts';
import { spawn } from '../program/spawn.ts';
import { flags, type Program } from '../program/step.ts';

const { SIGKILL } = constants.signals;

/** A fresh user namespace, without ids yet, kept by a process that does nothing; it goes when it is disposed of. */
export interface HeldNamespace extends Disposable {
  readonly pid: number;
}

/** Makes a user namespace. The calling process must have blocked its signals. */
export function holdUserNamespace(): HeldNamespace {
  const child = spawn(HOLDER, CLONE.CLONE_NEWUSER, false);
  return {
    pid: child.pid,
    [Symbol.dispose]() {
      process.kill(child.pid, SIGKILL);
      waitFor(child.pid);
      child[Symbol.dispose]();
    },
  };
}

const HOLDER: Program = {
  name: 'user namespace',
  steps: [
    {
      call: 'prctl',
      args: [flags(PR, 'PR_SET_PDEATHSIG'), shown(SIGKILL, 'SIGKILL'), 0, 0, 0],
      what: 'die with the parent',
    },
    { call: 'poll', args: [0, 0, -1], what: 'keep the namespace' },
    { call: 'exit_group', args: [0] },
  ],
};
