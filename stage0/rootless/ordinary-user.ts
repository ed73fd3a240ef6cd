import { isInitialUserNamespace } from '../../linux/user-namespace.ts';

/** In the environment of a tsrkt that an ordinary user started and that is root of a user namespace now: their uid. */
export const ROOTLESS = 'TSRKT_ROOTLESS';

/** Whether an ordinary user called, who may be root in a namespace of their own by now. Their data and configuration are below their home. */
export function isOrdinaryUser(): boolean {
  return process.geteuid?.() !== 0 || becameRoot;
}

/** Asked once, and gone from the environment: it is nothing to the apps. */
const becameRoot = takeMark() && !isInitialUserNamespace();

function takeMark(): boolean {
  const isMarked = process.env[ROOTLESS] !== undefined;
  delete process.env[ROOTLESS];
  return isMarked;
}
