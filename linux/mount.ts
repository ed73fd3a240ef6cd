import { words } from './words.ts';

/** sys/mount.h, linux/mount.h: flags of mount(2), umount2(2) and of the file-descriptor mount calls. */
export const MS = {
  MS_RDONLY: 1,
  MS_NOSUID: 2,
  MS_NODEV: 4,
  MS_NOEXEC: 8,
  MS_SYNCHRONOUS: 16,
  MS_REMOUNT: 32,
  MS_MANDLOCK: 64,
  MS_DIRSYNC: 128,
  MS_NOSYMFOLLOW: 256,
  MS_NOATIME: 1024,
  MS_NODIRATIME: 2048,
  MS_BIND: 4096,
  MS_MOVE: 8192,
  MS_REC: 16384,
  MS_SILENT: 32768,
  MS_UNBINDABLE: 1 << 17,
  MS_PRIVATE: 1 << 18,
  MS_SLAVE: 1 << 19,
  MS_SHARED: 1 << 20,
  MS_RELATIME: 1 << 21,
  MS_I_VERSION: 1 << 23,
  MS_STRICTATIME: 1 << 24,
  MS_LAZYTIME: 1 << 25,
} as const;

export const UMOUNT = { MNT_FORCE: 1, MNT_DETACH: 2, UMOUNT_NOFOLLOW: 8 } as const;

export const OPEN_TREE = {
  OPEN_TREE_CLONE: 1,
  OPEN_TREE_CLOEXEC: 0o2000000,
  AT_RECURSIVE: 0x8000,
  AT_EMPTY_PATH: 0x1000,
} as const;

export const MOVE_MOUNT = {
  MOVE_MOUNT_F_EMPTY_PATH: 4,
  MOVE_MOUNT_T_SYMLINKS: 0x10,
  MOVE_MOUNT_T_EMPTY_PATH: 0x40,
} as const;

export const FSOPEN = { FSOPEN_CLOEXEC: 1 } as const;
export const FSMOUNT = { FSMOUNT_CLOEXEC: 1 } as const;
export const FSCONFIG = {
  FSCONFIG_SET_FLAG: 0,
  FSCONFIG_SET_STRING: 1,
  FSCONFIG_SET_FD: 5,
  FSCONFIG_CMD_CREATE: 6,
} as const;

export const MOUNT_ATTR = {
  MOUNT_ATTR_RDONLY: 1,
  MOUNT_ATTR_NOSUID: 2,
  MOUNT_ATTR_NODEV: 4,
  MOUNT_ATTR_NOEXEC: 8,
  MOUNT_ATTR__ATIME: 0x70,
  MOUNT_ATTR_RELATIME: 0,
  MOUNT_ATTR_NOATIME: 0x10,
  MOUNT_ATTR_STRICTATIME: 0x20,
  MOUNT_ATTR_NODIRATIME: 0x80,
  MOUNT_ATTR_IDMAP: 0x100000,
  MOUNT_ATTR_NOSYMFOLLOW: 0x200000,
} as const;

/** struct mount_attr: attr_set at 0, attr_clr at 8, propagation at 16, userns_fd at 24; 32 bytes. */
export interface MountAttr {
  readonly set: number;
  readonly clear?: number;
  readonly propagation?: number;
  readonly usernsFd?: number;
}

export function mountAttr({ set, clear = 0, propagation = 0, usernsFd = 0 }: MountAttr): Buffer {
  return words([set, clear, propagation, usernsFd]);
}
