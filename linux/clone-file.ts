import { libc } from './call.ts';
import { hasCode } from './system-error.ts';

/** linux/fs.h */
const FICLONE = 0x40049409;

/** Makes one file share the content of another (ioctl FICLONE). False where the file systems cannot. */
export function cloneFile(from: number, to: number): boolean {
  try {
    libc('ioctl', [to, FICLONE, from], 'clone file');
    return true;
  } catch (error) {
    if (hasCode(error, 'EOPNOTSUPP', 'ENOTSUP', 'ENOTTY', 'EINVAL', 'EXDEV', 'EPERM', 'ENOSYS')) return false;
    throw error;
  }
}
