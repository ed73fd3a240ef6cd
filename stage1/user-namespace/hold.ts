import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import { pipe } from '../../linux/descriptor.ts';
import { CLONE } from '../../linux/namespace.ts';
import { PR } from '../../linux/prctl.ts';
import { waitFor } from '../../linux/wait.ts';
import { shown } from '../compile/args.ts';
import { spawn } from '../program/spawn.ts';
import { flags, type Program, struct } from '../program/step.ts';

const { SIGKILL } = constants.signals;

/** A fresh user namespace, without ids yet, kept by a process that does nothing; it goes when it is disposed of. */
export interface HeldNamespace extends Disposable {
  readonly pid: number;
}

/** Makes a user namespace. The calling process must have blocked its signals. */
export function holdUserNamespace(): HeldNamespace {
  const life = pipe();
  const child = spawn(holder(life), CLONE.CLONE_NEWUSER, false);
  closeSync(life.read);
  return {
    pid: child.pid,
    [Symbol.dispose]() {
      process.kill(child.pid, SIGKILL);
      waitFor(child.pid);
      child[Symbol.dispose]();
      closeSync(life.write);
    },
  };
}

/** The parent's death ends it by a signal, or by the end of the pipe where the parent was dead before that was asked for. */
function holder({ read, write }: ReturnType<typeof pipe>): Program {
  return {
    name: 'user namespace',
    steps: [
      {
        call: 'prctl',
        args: [flags(PR, 'PR_SET_PDEATHSIG'), shown(SIGKILL, 'SIGKILL'), 0, 0, 0],
        what: 'die with the parent',
      },
      { call: 'close', args: [write] },
      { call: 'read', args: [read, struct(Buffer.alloc(1), '{}'), 1], what: 'keep the namespace' },
      { call: 'exit_group', args: [0] },
    ],
  };
}
