import { constants } from 'node:os';
import { SECCOMP_RET } from '../../linux/seccomp.ts';
import type { SeccompAction } from '../../schema/runtime/seccomp.ts';

const { EPERM } = constants.errno;

/** Actions that this engine cannot carry out. */
export class SeccompActionError extends Error {
  readonly code = 'ERR_SECCOMP_ACTION';
}

/**
 * What a filter returns for an action of the runtime specification; `errnoRet` is the errno of SCMP_ACT_ERRNO (EPERM
 * unless given) or the number a tracer gets.
 */
export function actionValue(action: SeccompAction, errnoRet: number = EPERM): number {
  switch (action) {
    case 'SCMP_ACT_ERRNO':
      return SECCOMP_RET.ERRNO + (errnoRet & 0xffff);
    case 'SCMP_ACT_TRACE':
      return SECCOMP_RET.TRACE + (errnoRet & 0xffff);
    case 'SCMP_ACT_NOTIFY':
      throw new SeccompActionError(
        'filter system calls: SCMP_ACT_NOTIFY needs a listener, and there is none',
      );
    default:
      return VALUES[action];
  }
}

/** Actions that let a call through, one way or another. */
export function isAllowing(action: SeccompAction): boolean {
  return action === 'SCMP_ACT_ALLOW' || action === 'SCMP_ACT_LOG' || action === 'SCMP_ACT_TRACE';
}

const VALUES = {
  SCMP_ACT_KILL: SECCOMP_RET.KILL_THREAD,
  SCMP_ACT_KILL_THREAD: SECCOMP_RET.KILL_THREAD,
  SCMP_ACT_KILL_PROCESS: SECCOMP_RET.KILL_PROCESS,
  SCMP_ACT_TRAP: SECCOMP_RET.TRAP,
  SCMP_ACT_ALLOW: SECCOMP_RET.ALLOW,
  SCMP_ACT_LOG: SECCOMP_RET.LOG,
} as const;
