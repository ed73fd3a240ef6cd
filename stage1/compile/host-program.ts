import { F_SETFD } from '../../linux/fcntl.ts';
import type { HostProgram } from '../network/runner.ts';
import { type Program, text, vector } from '../program/step.ts';
import { shown } from './args.ts';
import { resetSignals, unblockSignals } from './exec.ts';
import { fork } from './fork.ts';
import { type Stdio, setStdio } from './stdio.ts';

export interface HostProgramContext {
  readonly stdio: Stdio;
  /** A fd it inherits besides its standard ones. */
  readonly kept: number | undefined;
  readonly ignoredSignals: readonly number[];
}

/** The spawn program of a program of the host. */
export function compileHostProgram(program: HostProgram, context: HostProgramContext): Program {
  const { stdio, kept, ignoredSignals } = context;
  const env = Object.entries(program.env).map(([name, value]) => `${name}=${value}`);
  return {
    name: program.path,
    keeps: [...stdio, ...(kept === undefined ? [] : [kept])],
    steps: [
      fork(),
      ...setStdio(stdio),
      ...(kept === undefined ? [] : [{ call: 'fcntl', args: [kept, shown(F_SETFD, 'F_SETFD'), 0] } as const]),
      ...resetSignals(ignoredSignals),
      unblockSignals,
      { call: 'execve', args: [text(program.path), vector(program.argv), vector(env)], what: 'execute' },
    ],
  };
}
