/** asm-generic/fcntl.h: the open flags Node's `fs.constants` lacks; the same on x86-64 and arm64. */
export const O_CLOEXEC = 0o2000000;
export const O_PATH = 0o10000000;

/** linux/fcntl.h */
export const AT_FDCWD = -100;
export const AT_EMPTY_PATH = 0x1000;
export const AT_SYMLINK_NOFOLLOW = 0x100;
export const F_SETFD = 2;
export const FD_CLOEXEC = 1;
