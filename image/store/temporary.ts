import { fstatSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Lock, tryLock } from '../../linux/lock.ts';
import { hasCode } from '../../linux/system-error.ts';
import { type Store, temporaryDirectory } from './layout.ts';
import { removeTree } from './remove-tree.ts';
import { takeTurn } from './take-turn.ts';

/** A directory in `cas/tmp` that is ours as long as we hold the lock on it; removed when it is disposed of. */
export interface Temporary extends Disposable {
  readonly path: string;
}

/** An empty directory for us alone. */
export function makeTemporary(store: Store, kind: string): Temporary {
  for (;;) {
    const temporary = tryClaim(join(temporaryDirectory(store), `${kind}-${crypto.randomUUID()}`));
    if (temporary !== undefined) return temporary;
  }
}

/**
 * An empty directory for whoever works on `key`: everyone else, also in this process, waits until it is disposed of or its
 * owner is gone. It may then find that the work is done. `onWait` is called once, before the first wait.
 */
export async function claimTemporary(store: Store, key: string, onWait?: () => void): Promise<Temporary> {
  return await takeTurn(() => tryClaim(join(temporaryDirectory(store), key)), onWait);
}

/** Makes the directory, or takes over one whose owner is gone, and empties it. Undefined when somebody has it. */
function tryClaim(path: string): Temporary | undefined {
  makeDirectory(path);
  const lock = lockDirectory(path);
  if (lock === undefined) return undefined;
  const release = () => {
    using _held = lock;
    removeTree(path);
  };
  try {
    for (const name of readdirSync(path)) removeTree(join(path, name));
  } catch (error) {
    release();
    throw error;
  }
  return { path, [Symbol.dispose]: release };
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}

/** The lock on a directory, if nobody has it, and if it still has its name: its owner removes it before unlocking. */
function lockDirectory(path: string): Lock | undefined {
  let lock: Lock | undefined;
  try {
    lock = tryLock(path, 'exclusive');
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  if (lock === undefined) return undefined;
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.ino === fstatSync(lock.fd).ino) return lock;
  lock[Symbol.dispose]();
  return undefined;
}

/** Removes what processes that are gone left behind; gives the names. */
export function sweepTemporary(store: Store): string[] {
  const names = readdirSync(temporaryDirectory(store));
  return names.filter((name) => {
    const path = join(temporaryDirectory(store), name);
    using lock = lockDirectory(path);
    if (lock === undefined) return false;
    removeTree(path);
    return true;
  });
}
