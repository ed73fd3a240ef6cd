import { openSync, readFileSync } from 'node:fs';
import { memoryFile } from '../linux/descriptor.ts';
import { keepAcrossExec } from '../linux/exec.ts';
import { executeFile } from '../linux/execveat.ts';
import { keepGivenDescriptors } from '../linux/listening-socket.ts';
import { blockSignals } from '../linux/signal.ts';
import { hasCode } from '../linux/system-error.ts';
import { userName } from '../linux/user-name.ts';
import { compileNamespaceEntry } from './compile/enter-user-namespace.ts';
import { sleepImage } from './compile/sleep.ts';
import { hostProgramRunner } from './supervisor/host-program.ts';
import { holdUserNamespace } from './user-namespace/hold.ts';
import { type IdMaps, needHelpers, planMaps } from './user-namespace/plan-maps.ts';
import { hasMappers, writeGivenMaps, writeOwnMaps } from './user-namespace/write-maps.ts';

/** A program to execute as root of a user namespace. */
export interface ProgramAsRoot {
  readonly path: string;
  readonly argv: readonly string[];
  /** The user namespace to be root of, open; undefined: a new one. */
  readonly namespace: number | undefined;
}

/**
 * An ordinary user becomes root of a new user namespace that has all ids the host gives them, and executes a program there:
 * same process, same parent, same files and environment. Returns only by throwing.
 */
export function becomeRoot({ path, argv, namespace: given }: ProgramAsRoot): never {
  blockSignals();
  const namespace = given ?? makeNamespace(ownMaps());
  delete process.env['TSRKT_USER_NAMESPACE_FD'];
  const env = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
  const image = memoryFile('stage1', sleepImage(compileNamespaceEntry({ namespace, path, argv, env })));
  for (const fd of [0, 1, 2, namespace]) keepAcrossExec(fd);
  keepGivenDescriptors();
  return executeFile(image, argv, []);
}

/** The fd of a user namespace with these ids. */
function makeNamespace(maps: IdMaps): number {
  using holder = holdUserNamespace();
  if (needHelpers(maps)) writeGivenMaps(holder.pid, maps, hostProgramRunner(undefined));
  else writeOwnMaps(holder.pid, maps);
  return openSync(`/proc/${holder.pid}/ns/user`, 'r');
}

function ownMaps(): IdMaps {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  const ranges = hasMappers()
    ? { subuid: readIfThere('/etc/subuid'), subgid: readIfThere('/etc/subgid') }
    : { subuid: '', subgid: '' };
  return planMaps({ uid, gid, name: userName(uid), ...ranges });
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EACCES')) return '';
    throw error;
  }
}
