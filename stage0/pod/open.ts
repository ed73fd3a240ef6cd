import { closeSync, constants, openSync, readlinkSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type Lock, type LockKind, tryLock } from '../../linux/lock.ts';
import { hasCode } from '../../linux/system-error.ts';
import type { Uuid } from '../../schema/uuid.ts';
import { podPath } from './directory.ts';
import { POD_DIRECTORIES, type PodDirectory, type PodState, podState } from './state.ts';

/** A pod as it was found after its lock was tried. Disposing lets go of it. */
export interface Pod extends Disposable {
  readonly uuid: Uuid;
  readonly directory: PodDirectory;
  readonly state: PodState;
  /** Undefined when another process has it: then the state may change at any time. */
  readonly lock: Lock | undefined;
  /** Where its files are read: a path through our fd, right even when the pod moves. */
  readonly files: string;
}

/**
 * Opens a pod wherever it is, and tries its lock before it looks where that is. A shared lock is for reading: it keeps `gc`
 * away meanwhile. Undefined when there is no such pod, or not any more.
 */
export function openPod(dataDirectory: string, uuid: Uuid, kind: LockKind): Pod | undefined {
  const fd = openWhereItIs(dataDirectory, uuid);
  if (fd === undefined) return undefined;
  const files = `/proc/self/fd/${fd}`;
  const lock = tryPatiently(files, kind);
  const directory = directoryOf(files);
  const dispose = () => {
    lock?.[Symbol.dispose]();
    closeSync(fd);
  };
  if (directory === undefined) {
    dispose();
    return undefined;
  }
  const state = podState(directory, lock === undefined);
  return { uuid, directory, state, lock, files, [Symbol.dispose]: dispose };
}

/** The same pod, in another directory since. */
export function movedTo(pod: Pod, directory: PodDirectory): Pod {
  return { ...pod, directory, state: podState(directory, true) };
}

/** Pods only move forward, so a look into each directory in order cannot miss one that moves meanwhile. */
function openWhereItIs(dataDirectory: string, uuid: Uuid): number | undefined {
  for (const directory of POD_DIRECTORIES) {
    try {
      return openSync(podPath(dataDirectory, directory, uuid), constants.O_RDONLY | constants.O_DIRECTORY);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }
  return undefined;
}

/** A reader holds a shared lock for a moment; that must not make a pod look taken to who wants it for itself. */
function tryPatiently(path: string, kind: LockKind): Lock | undefined {
  const tries = kind === 'exclusive' ? 20 : 1;
  for (let count = 0; count < tries; count++) {
    const lock = tryLock(path, kind);
    if (lock !== undefined) return lock;
    if (count + 1 < tries) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  }
  return undefined;
}

/** Where the kernel says the open directory is now; undefined once it was deleted. */
function directoryOf(files: string): PodDirectory | undefined {
  const path = readlinkSync(files);
  const name = basename(dirname(path));
  return path.endsWith(' (deleted)') ? undefined : POD_DIRECTORIES.find((directory) => directory === name);
}
