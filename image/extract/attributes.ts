import { chmodSync, fchmodSync, fchownSync, lchownSync } from 'node:fs';
import { setLinkTimes, setTimes } from '../../linux/times.ts';
import { hasManyIds, isInitialUserNamespace, readNamespaceIds } from '../../linux/user-namespace.ts';
import { setLinkXattr, setXattr } from '../../linux/xattr.ts';
import type { EntryHeader } from '../archive/entry.ts';
import { giveTo } from './owner.ts';

/**
 * What we may give files: `root` everything; `mapped`, root of a user namespace with many ids, no devices and nothing that
 * only the first root may set; `user` neither other owners nor file capabilities. What we may not give is left out.
 */
export type Privilege = 'root' | 'mapped' | 'user';

/** What this process may give. */
export function ownPrivilege(): Privilege {
  if (process.geteuid?.() !== 0) return 'user';
  if (isInitialUserNamespace()) return 'root';
  return hasManyIds(readNamespaceIds()) ? 'mapped' : 'user';
}

/** What a file has besides its name and content. */
export type Attributes = Pick<EntryHeader, 'uid' | 'gid' | 'mode' | 'mtime' | 'xattrs'>;

/** What a directory that no entry speaks of gets. */
export const impliedDirectory: Attributes = { uid: 0, gid: 0, mode: 0o755, mtime: 0n, xattrs: new Map() };

/**
 * Whether an archive may set this attribute: file capabilities and what users put there. Others say something to this
 * host's kernel: security modules' labels, ACLs, and how overlayfs shows files (`trusted.overlay.*`, `user.overlay.*`).
 */
export function isAllowedXattr(name: string, privilege: Privilege): boolean {
  if (name === 'security.capability') return privilege !== 'user';
  return name.startsWith('user.') && !name.startsWith('user.overlay.');
}

/** Gives an open file or directory its attributes. The order matters: chown(2) clears set-user-ID and capabilities. */
export function setAttributes(fd: number, attributes: Attributes, privilege: Privilege): void {
  if (privilege !== 'user') giveTo(attributes, (uid, gid) => fchownSync(fd, uid, gid));
  for (const [name, value] of attributes.xattrs)
    if (isAllowedXattr(name, privilege)) setXattr(fd, name, value);
  fchmodSync(fd, attributes.mode);
  setTimes(fd, attributes.mtime);
}

/** Gives a symbolic link its owner and time; the kernel allows it neither a mode nor `user.*` attributes. */
export function setLinkAttributes(place: Buffer, attributes: Attributes, privilege: Privilege): void {
  if (privilege !== 'user') giveTo(attributes, (uid, gid) => lchownSync(place, uid, gid));
  setLinkTimes(terminated(place), attributes.mtime);
}

/** Gives a device or fifo, which is better not opened, its attributes; nobody else can have replaced it by a link. */
export function setNodeAttributes(place: Buffer, attributes: Attributes, privilege: Privilege): void {
  if (privilege !== 'user') giveTo(attributes, (uid, gid) => lchownSync(place, uid, gid));
  for (const [name, value] of attributes.xattrs)
    if (name === 'security.capability' && isAllowedXattr(name, privilege))
      setLinkXattr(terminated(place), name, value);
  chmodSync(place, attributes.mode);
  setLinkTimes(terminated(place), attributes.mtime);
}

function terminated(place: Buffer): Buffer {
  return Buffer.concat([place, Buffer.of(0)]);
}
