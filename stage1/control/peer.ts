import { peerUser } from '../../linux/seqpacket.ts';
import { isInitialUserNamespace } from '../../linux/user-namespace.ts';

/** The uid of who has none in our user namespace (kernel.overflowuid). */
const NOBODY = 65_534;

/** Whether who connected to a socket of mode 0600 is root or the owner of the pod. */
export function isOwnerOrRoot(connection: number): boolean {
  const uid = peerUser(connection);
  // whom the socket let in without an id here is root of the host
  return uid === 0 || uid === process.geteuid?.() || (uid === NOBODY && !isInitialUserNamespace());
}
