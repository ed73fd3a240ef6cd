import { accessSync, constants } from 'node:fs';
import { ownedPath, problemBeside } from '../../linux/owned-path.ts';
import { hasCode } from '../../linux/system-error.ts';
import { show } from '../../schema/decode-error.ts';
import { isOrdinaryUser } from '../rootless/ordinary-user.ts';
import { ownStage1 } from '../run/become-stage1.ts';
import { Stage1Error } from './stage1-error.ts';

/**
 * The real path of an executable that somebody named as stage1. It gets all the rights of the caller, so nobody but root and the
 * caller may be able to put another one there.
 */
export function checkExecutable(path: string): string {
  if (!path.startsWith('/')) throw new Stage1Error(`stage1 ${show(path)}: expected an absolute path`);
  const real = refuseOthersPath(path, `stage1 ${show(path)}`);
  const problem = problemBeside(real, owners());
  if (problem !== undefined) throw refusal(`stage1 ${show(path)}`, problem);
  try {
    accessSync(real, constants.X_OK);
  } catch (cause) {
    throw new Stage1Error(`stage1 ${show(path)} cannot be executed`, { cause });
  }
  return real;
}

/** Why a pod's stage1 could be anybody's by now; undefined: it is nobody else's, is there no more, or came with tsrkt and is trusted as that is. */
export function whyNotOurs(path: string): string | undefined {
  if (path === ownStage1()) return undefined;
  try {
    const { path: real, problem } = ownedPath(path, owners());
    return problem ?? problemBeside(real, owners());
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return undefined; // executing it says so
    throw error;
  }
}

/** The real path of a file that others than root and the caller can neither change nor replace. */
export function refuseOthersPath(path: string, what: string): string {
  try {
    const { path: real, problem } = ownedPath(path, owners());
    if (problem !== undefined) throw refusal(what, problem);
    return real;
  } catch (cause) {
    if (!hasCode(cause, 'ENOENT', 'ENOTDIR', 'EACCES')) throw cause;
    throw new Stage1Error(`${what}: there is no such file`, { cause });
  }
}

function refusal(what: string, problem: string): Stage1Error {
  return new Stage1Error(`${what}: ${problem}`, {
    hint: 'it has to belong to root or you alone, all the way from /',
  });
}

/**
 * Root and the caller. Who became root of a user namespace sees the host's root as the kernel's overflow user (user_namespaces(7)):
 * the same command looked at it before it became that.
 */
function owners(): ReadonlySet<number> {
  const caller = process.geteuid?.() ?? 0;
  return new Set([0, caller, ...(isOrdinaryUser() && caller === 0 ? [OVERFLOW_UID] : [])]);
}

/** DEFAULT_OVERFLOWUID of the kernel's highuid.h. */
const OVERFLOW_UID = 65_534;
