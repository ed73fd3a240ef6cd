import { closeSync } from 'node:fs';
import { syscall } from './call.ts';
import { FSCONFIG, FSMOUNT, FSOPEN, MOUNT_ATTR } from './mount.ts';

/**
 * The root of what overlayfs shows of these directories, the uppermost first, at least two: a mount that is attached
 * nowhere and goes when the fd is closed.
 */
export function openOverlayView(lowers: readonly string[]): number {
  const what = 'look at the layers of an image as one';
  const fs = syscall('fsopen', ['overlay', FSOPEN.FSOPEN_CLOEXEC], what);
  try {
    const { FSCONFIG_SET_STRING, FSCONFIG_CMD_CREATE } = FSCONFIG;
    for (const lower of lowers) syscall('fsconfig', [fs, FSCONFIG_SET_STRING, 'lowerdir+', lower, 0], what);
    syscall('fsconfig', [fs, FSCONFIG_CMD_CREATE, 0, 0, 0], what);
    return syscall('fsmount', [fs, FSMOUNT.FSMOUNT_CLOEXEC, MOUNT_ATTR.MOUNT_ATTR_RDONLY], what);
  } finally {
    closeSync(fs);
  }
}
