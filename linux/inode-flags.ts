import { closeSync, constants, openSync } from 'node:fs';
import { libc } from './call.ts';

/** linux/fs.h, ioctl_iflags(2) */
const FS_IOC_GETFLAGS = 0x80086601;
const FS_IOC_SETFLAGS = 0x40086602;
const FS_IMMUTABLE_FL = 0x10;
const FS_APPEND_FL = 0x20;

/** Lets a file or directory be changed again that chattr(1) made immutable or append only. False: it is neither. */
export function clearImmutable(path: string | Buffer): boolean {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    const flags = Buffer.alloc(8);
    libc('ioctl', [fd, FS_IOC_GETFLAGS, flags], 'read the flags of a file');
    const before = flags.readUInt32LE();
    const after = before & ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
    if (after === before) return false;
    flags.writeUInt32LE(after);
    libc('ioctl', [fd, FS_IOC_SETFLAGS, flags], 'change the flags of a file');
    return true;
  } finally {
    closeSync(fd);
  }
}
