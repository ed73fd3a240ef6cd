import type { Flags } from '../flag.ts';

/** The flags of `image extract` and `image render`. */
export const UNPACK_FLAGS = {
  'rootfs-only': { kind: 'boolean', describe: 'only the root file system, in the directory itself' },
  overwrite: { kind: 'boolean', describe: 'remove what is in the directory first' },
} as const satisfies Flags;
