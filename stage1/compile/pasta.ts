import { constants } from 'node:os';
import { MS } from '../../linux/mount.ts';
import { CLONE } from '../../linux/namespace.ts';
import { flags, type Program, type Step, text, vector } from '../program/step.ts';
import { CWD, octal } from './args.ts';
import { dieWithSupervisor } from './die-with-supervisor.ts';
import { resetSignals, unblockSignals } from './exec.ts';
import { fork } from './fork.ts';
import { enslave } from './root.ts';
import { type Stdio, setStdio } from './stdio.ts';

const { EEXIST } = constants.errno;
const S_IFREG = 0o100000;

export interface PastaContext {
  /** pasta's executable, and its arguments from argv[0] on. */
  readonly path: string;
  readonly argv: readonly string[];
  readonly env: readonly string[];
  readonly stdio: Stdio;
  /** The pod's network namespace, open, and the file by which pasta is to find it. */
  readonly netns: number;
  readonly netnsFile: string;
  /** See {@link dieWithSupervisor}. */
  readonly alive: number;
  readonly ignoredSignals: readonly number[];
}

/**
 * The spawn program of pasta(1). It wants a network namespace by a path, and those below /proc are closed to it once it has
 * dropped its capabilities: so the namespace is bound to a file, in a mount namespace that only pasta has. It ends with us.
 */
export function compilePasta(context: PastaContext): Program {
  const { path, argv, env, stdio, ignoredSignals, alive } = context;
  return {
    name: 'pasta',
    keeps: [...stdio, context.netns, alive],
    steps: [
      fork(),
      ...dieWithSupervisor(alive),
      { call: 'close', args: [alive] },
      { call: 'unshare', args: [flags(CLONE, 'CLONE_NEWNS')], what: 'make a mount namespace' },
      enslave,
      ...bindNamespace(context),
      ...setStdio(stdio),
      ...resetSignals(ignoredSignals),
      unblockSignals,
      { call: 'execve', args: [text(path), vector(argv), vector(env)], what: `execute ${path}` },
    ],
  };
}

function bindNamespace({ netns, netnsFile }: PastaContext): readonly Step[] {
  const what = 'bind the network namespace';
  const source = text(`/proc/self/fd/${netns}`);
  return [
    {
      call: 'mknodat',
      args: [CWD, text(netnsFile), octal(S_IFREG | 0o600), 0],
      tolerate: EEXIST,
      what,
    },
    { call: 'mount', args: [source, text(netnsFile), 0, flags(MS, 'MS_BIND'), 0], what },
  ];
}
