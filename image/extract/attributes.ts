import { chmodSync, fchmodSync, fchownSync, lchownSync } from 'node:fs';
import { setLinkTimes, setTimes } from '../../linux/times.ts';
import { setLinkXattr, setXattr } from '../../linux/xattr.ts';
import type { EntryHeader } from '../archive/entry.ts';

/** Whether we may give files away, make devices and set file capabilities; an ordinary user leaves that out. */
export type Privilege = 'root' | 'user';

/** What a file has besides its name and content. */
export type Attributes = Pick<EntryHeader, 'uid' | 'gid' | 'mode' | 'mtime' | 'xattrs'>;

/** What a directory that no entry speaks of gets. */
export const impliedDirectory: Attributes = { uid: 0, gid: 0, mode: 0o755, mtime: 0n, xattrs: new Map() };

/**
 * Whether an archive may set this attribute: file capabilities and what users put there. Others say something to this
 * host's kernel: security modules' labels, ACLs, and how overlayfs shows files (`trusted.overlay.*`, `user.overlay.*`).
 */
export function isAllowedXattr(name: string, privilege: Privilege): boolean {
  if (name === 'security.capability') return privilege === 'root';
  return name.startsWith('user.') && !name.startsWith('user.overlay.');
}

/** Gives an open file or directory its attributes. The order matters: chown(2) clears set-user-ID and capabilities. */
export function setAttributes(fd: number, attributes: Attributes, privilege: Privilege): void {
  if (privilege === 'root') fchownSync(fd, attributes.uid, attributes.gid);
  for (const [name, value] of attributes.xattrs)
    if (isAllowedXattr(name, privilege)) setXattr(fd, name, value);
  fchmodSync(fd, attributes.mode);
  setTimes(fd, attributes.mtime);
}

/** Gives a symbolic link its owner and time; the kernel allows it neither a mode nor `user.*` attributes. */
export function setLinkAttributes(
  place: Buffer,
  { uid, gid, mtime }: Attributes,
  privilege: Privilege,
): void {
  if (privilege === 'root') lchownSync(place, uid, gid);
  setLinkTimes(terminated(place), mtime);
}

/** Gives a device or fifo, which is better not opened, its attributes; nobody else can have replaced it by a link. */
export function setNodeAttributes(place: Buffer, attributes: Attributes, privilege: Privilege): void {
  if (privilege === 'root') lchownSync(place, attributes.uid, attributes.gid);
  for (const [name, value] of attributes.xattrs)
    if (name === 'security.capability' && isAllowedXattr(name, privilege))
      setLinkXattr(terminated(place), name, value);
  chmodSync(place, attributes.mode);
  setLinkTimes(terminated(place), attributes.mtime);
}

function terminated(place: Buffer): Buffer {
  return Buffer.concat([place, Buffer.of(0)]);
}
