import assert from 'node:assert/strict';
import { closeSync, existsSync, fstatSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type Hierarchy, readHierarchies } from '../../linux/cgroup.ts';
import { memoryFile } from '../../linux/descriptor.ts';
import { waitFor } from '../../linux/wait.ts';
import type { Process, Resources } from '../../schema/runtime-config.ts';
import { makeCgroup } from '../../stage1/cgroup/make.ts';
import { type Cgroup, planCgroup, planned } from '../../stage1/cgroup/plan.ts';
import { removeCgroup } from '../../stage1/cgroup/remove.ts';
import { joinCgroup } from '../../stage1/compile/cgroup.ts';
import { execute } from '../../stage1/compile/exec.ts';
import { fork } from '../../stage1/compile/fork.ts';
import { dropPrivileges } from '../../stage1/compile/privileges.ts';
import { loadFilter, untilExecuted } from '../../stage1/compile/seccomp.ts';
import { closeOthers, setStdio } from '../../stage1/compile/stdio.ts';
import { startChild } from '../../stage1/program/start-child.ts';
import type { Step } from '../../stage1/program/step.ts';
import type { SeccompFilter } from '../../stage1/seccomp/filter.ts';

export interface Run {
  readonly status: number;
  readonly output: string;
}

export interface RunOptions {
  readonly cgroup?: Pick<Cgroup, 'join'>;
  readonly filter?: SeccompFilter;
  readonly process?: Partial<Process>;
}

/** Runs a shell script on the host, as an app would be: in a cgroup, with its user and capabilities, behind a filter. */
export function runScript(script: string, options: RunOptions = {}): Run {
  const output = memoryFile('output', Buffer.alloc(0));
  try {
    const steps = appSteps(script, output, options);
    const { exitCode, signal = 0 } = waitFor(startChild({ name: 'test', steps, keeps: [0, output] }));
    const bytes = Buffer.alloc(fstatSync(output).size);
    readSync(output, bytes, 0, bytes.length, 0);
    return { status: exitCode ?? 128 + signal, output: bytes.toString() };
  } finally {
    closeSync(output);
  }
}

function appSteps(
  script: string,
  output: number,
  { cgroup, filter, process: own }: RunOptions,
): readonly Step[] {
  const process: Process = {
    args: ['/bin/busybox', 'sh', '-c', script],
    cwd: '/',
    env: ['PATH=/bin'],
    user: { uid: 0, gid: 0 },
    ...own,
  } as Process;
  return [
    ...(cgroup ? joinCgroup(cgroup) : []),
    fork(),
    ...setStdio([0, output, output]),
    closeOthers(0),
    ...dropPrivileges(filter ? untilExecuted(process) : process),
    ...(filter ? [loadFilter(filter)] : []),
    ...execute(process),
  ];
}

/** Read once: in a delegated unit, making the first cgroup moves this process. */
export const HIERARCHIES = readHierarchies();

let count = 0;

/** Does something with a cgroup of these limits, below the test's own; it is removed whatever becomes of it. */
export function inCgroup(
  resources: Resources,
  use: (cgroup: Cgroup, warnings: readonly string[]) => void,
  hierarchies: readonly Hierarchy[] = HIERARCHIES,
): void {
  const plan = planCgroup({ path: `tsrkt-test-${process.pid}-${count++}/app`, resources }, hierarchies);
  try {
    const { cgroup, warnings } = makeCgroup(plan);
    use(cgroup, warnings);
  } finally {
    removeCgroup(planned(plan));
  }
}

/** Why a test cannot run here: no hierarchy, of this version or of any, has the controller. false: it can. */
export function lacks(controller: string, version?: 1 | 2): string | false {
  const found = HIERARCHIES.some(
    (each) => each.version === (version ?? each.version) && each.controllers.includes(controller),
  );
  return found
    ? false
    : `no cgroup${version ? ` v${version}` : ''} hierarchy with ${controller} on this machine`;
}

/** A file of a cgroup, in the hierarchy that has it. */
export function readFrom({ join: directories }: Pick<Cgroup, 'join'>, ...names: readonly string[]): string {
  const files = directories.flatMap((directory) => names.map((name) => join(directory, name)));
  const file =
    files.find((each) => existsSync(each)) ?? assert.fail(`no ${names.join(' or ')} in ${directories}`);
  return readFileSync(file, 'utf8');
}
