import { F_SETFD } from '../../linux/fcntl.ts';
import type { HostProgram } from '../network/runner.ts';
import { type Program, text, vector } from '../program/step.ts';
import { shown } from './args.ts';
import { resetSignals, unblockSignals } from './exec.ts';
import { fork } from './fork.ts';
import { type Stdio, setStdio } from './stdio.ts';

/** The spawn program of a program of the host. `kept`: a fd it inherits besides its standard ones. */
export function compileHostProgram(program: HostProgram, stdio: Stdio, kept: number | undefined): Program {
  const env = Object.entries(program.env).map(([name, value]) => `${name}=${value}`);
  return {
    name: program.path,
    steps: [
      fork([]),
      ...setStdio(stdio),
      ...(kept === undefined ? [] : [{ call: 'fcntl', args: [kept, shown(F_SETFD, 'F_SETFD'), 0] } as const]),
      ...resetSignals,
      unblockSignals,
      { call: 'execve', args: [text(program.path), vector(program.argv), vector(env)], what: 'execute' },
    ],
  };
}
