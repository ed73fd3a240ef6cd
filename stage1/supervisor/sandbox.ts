import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { memoryFile, pipe } from '../../linux/descriptor.ts';
import { NAMESPACES, type NamespaceType } from '../../linux/namespace.ts';
import { waitFor } from '../../linux/wait.ts';
import { words } from '../../linux/words.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import { pauseImage } from '../compile/pause.ts';
import { compileSandbox, sandboxFlags } from '../compile/sandbox.ts';
import { failure } from '../program/failure.ts';
import { type Spawned, spawn } from '../program/spawn.ts';
import { writeMaps } from '../user-namespace/write-maps.ts';

/** A running sandbox. Killing its pause process ends every process of the pod. */
export interface Sandbox {
  /** The pause process, the pod's pid 1, in our PID namespace. */
  readonly pid: number;
  /** The namespaces it made, open; the mount namespace is the pod's, with the host's tree and the shared mounts. */
  readonly namespaces: ReadonlyMap<NamespaceType, number>;
}

/** Starts a sandbox. The ids of a user namespace it makes are those its config maps. */
export function startSandbox(config: RuntimeConfig): Sandbox {
  const go = pipe();
  const ready = pipe();
  const pause = memoryFile('pause', pauseImage());
  const context = { go: go.read, goWriter: go.write, ready: ready.write, pause };
  using child = spawn(compileSandbox(config, context), sandboxFlags(config), false);
  for (const fd of [go.read, ready.write, pause]) closeSync(fd);
  try {
    const tellToGo = () => writeSync(go.write, words([go.read]));
    mapIds(config, child.pid);
    tellToGo();
    if (!hasByte(ready.read)) throw startFailure(child);
    const namespaces = openNamespaces(config, child.pid);
    tellToGo();
    if (hasByte(ready.read) || hasFailed(child)) throw startFailure(child);
    return { pid: child.pid, namespaces };
  } finally {
    closeSync(go.write);
    closeSync(ready.read);
  }
}

function mapIds({ linux = {} }: RuntimeConfig, pid: number): void {
  const { namespaces = [], uidMappings = [], gidMappings = [] } = linux;
  const isMade = namespaces.some(({ type, path }) => type === 'user' && !path);
  if (isMade) writeMaps(pid, { uids: uidMappings, gids: gidMappings });
}

/** false: the other end was closed, by execve or because the child ended. */
function hasByte(fd: number): boolean {
  return readSync(fd, Buffer.alloc(1)) === 1;
}

function hasFailed(child: Spawned): boolean {
  return failure(child.program, child.results()) !== undefined;
}

/** The child has ended, or is about to: its program failed. */
function startFailure(child: Spawned): Error {
  const { signal } = waitFor(child.pid);
  return failure(child.program, child.results()) ?? new SandboxDied(signal);
}

class SandboxDied extends Error {
  readonly code = 'ERR_SANDBOX_DIED';
  constructor(signal: number | undefined) {
    super(`start the sandbox: its first process was killed by signal ${signal}`);
  }
}

function openNamespaces({ linux }: RuntimeConfig, pid: number): ReadonlyMap<NamespaceType, number> {
  const made = (linux?.namespaces ?? []).filter(({ path }) => !path);
  return new Map(made.map(({ type }) => [type, openSync(`/proc/${pid}/ns/${NAMESPACES[type].file}`, 'r')]));
}
