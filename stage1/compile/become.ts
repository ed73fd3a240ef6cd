import type { Process } from '../../schema/runtime-config.ts';
import type { Step } from '../program/step.ts';
import type { SeccompFilter } from '../seccomp/filter.ts';
import { execute, resetSignals, unblockSignals } from './exec.ts';
import { dropPrivileges } from './privileges.ts';
import { loadFilter, untilFiltered } from './seccomp.ts';
import { closeOthers, passSockets, type Stdio, setStdio, takeTerminal } from './stdio.ts';

/** What a process becomes itself with, beside its own config. */
export interface Becoming {
  readonly stdio: Stdio;
  /** Sockets it is given, by our fds. */
  readonly sockets: readonly number[];
  /** Whether its stdio is a terminal that is to control it. */
  readonly hasTerminal: boolean;
  readonly filter: SeccompFilter | undefined;
  readonly ignoredSignals: readonly number[];
  /** Set in a user namespace other than the host's first one. */
  readonly userNamespace: UserNamespaceLimits | undefined;
}

/** What root cannot do in a user namespace. */
export interface UserNamespaceLimits {
  /** false: the kernel denies setgroups(2), and a process keeps the groups of the caller. */
  readonly canSetGroups: boolean;
}

/** The last steps of everything that runs in an app, its own process or one that enters it: from privileged to executed. */
export function becomeProcess(process: Process, context: Becoming): readonly Step[] {
  const { stdio, sockets, filter, ignoredSignals, userNamespace } = context;
  return [
    ...setStdio(stdio),
    ...(context.hasTerminal ? takeTerminal(process.user.uid, userNamespace !== undefined) : []),
    ...passSockets(sockets),
    closeOthers(sockets.length),
    ...dropPrivileges(filter ? untilFiltered(process) : process, userNamespace?.canSetGroups ?? true),
    { call: 'chdir', args: [{ text: process.cwd }], what: `change directory to ${process.cwd}` },
    ...resetSignals(ignoredSignals),
    unblockSignals,
    ...(filter ? [loadFilter(filter)] : []),
    ...execute(process),
  ];
}
