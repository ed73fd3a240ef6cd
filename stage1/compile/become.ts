import { PR } from '../../linux/prctl.ts';
import type { Process } from '../../schema/runtime-config.ts';
import { flags, type Step } from '../program/step.ts';
import type { SeccompFilter } from '../seccomp/filter.ts';
import { execute, resetSignals, unblockSignals } from './exec.ts';
import { fork } from './fork.ts';
import { dropPrivileges } from './privileges.ts';
import { loadFilter, untilExecuted } from './seccomp.ts';
import {
  closeOthers,
  newSession,
  ownTerminal,
  passSockets,
  type Stdio,
  setStdio,
  takeTerminal,
} from './stdio.ts';

/** What a process becomes itself with, beside its own config. */
export interface Becoming {
  readonly stdio: Stdio;
  /** Sockets it is given, by our fds, and the pid it must have, for they are meant for that process. */
  readonly sockets?: { readonly fds: readonly number[]; readonly pid: number };
  /** Whether its stdio is a terminal that is to control it. */
  readonly hasTerminal: boolean;
  /** Which of its standard files is that terminal, if not the first. */
  readonly terminalAt?: number | undefined;
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

/**
 * The last steps of everything that runs in an app, its own process or one that enters it. What joined the pod is still
 * outside of its PID namespace, unseen, until it has given up what the app may not have; only then is the process forked
 * that the pod's others see: it has no more rights than the app, and nothing to do but to execute it. One exception: where
 * a filter is to be loaded it has CAP_SYS_ADMIN until then, and cannot be traced but with CAP_SYS_PTRACE.
 */
export function becomeProcess(process: Process, context: Becoming): readonly Step[] {
  const { stdio, sockets, filter, hasTerminal, terminalAt = 0, ignoredSignals, userNamespace } = context;
  const fds = sockets?.fds ?? [];
  const needsAdmin = (filter && !process.noNewPrivileges) || sockets !== undefined;
  return [
    ...setStdio(stdio),
    ...(hasTerminal ? [ownTerminal(process.user.uid, userNamespace !== undefined, terminalAt)] : []),
    ...passSockets(fds),
    closeOthers(fds.length),
    ...dropPrivileges(needsAdmin ? untilExecuted(process) : process, userNamespace?.canSetGroups ?? true),
    { call: 'chdir', args: [{ text: process.cwd }], what: `change directory to ${process.cwd}` },
    { call: 'prctl', args: [flags(PR, 'PR_SET_DUMPABLE'), 0, 0, 0, 0], what: 'forbid tracing' },
    fork(sockets?.pid),
    newSession,
    ...(hasTerminal ? [takeTerminal(terminalAt)] : []),
    ...resetSignals(ignoredSignals),
    unblockSignals,
    ...(filter ? [loadFilter(filter)] : []),
    ...execute(process),
  ];
}

/** The descriptors all this needs. */
export function keptBy({ stdio, sockets }: Pick<Becoming, 'stdio' | 'sockets'>): readonly number[] {
  return [...stdio, ...(sockets?.fds ?? [])];
}
