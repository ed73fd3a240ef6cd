import { MOUNT_ATTR, MS } from '../../linux/mount.ts';

/** The `options` of a mount in config.json (runtime-spec, config.md "Mounts", Linux), taken apart. */
export interface MountOptions {
  readonly bind: boolean;
  /** rbind: the mounts below the source come along. */
  readonly recursive: boolean;
  /** Attributes of this mount, for mount_setattr(2) and fsmount(2): set, and cleared where the source may have them. */
  readonly set: number;
  readonly clear: number;
  /** The same for this mount and every mount below it (`rro`, `rnosuid` …). */
  readonly recursiveSet: number;
  readonly recursiveClear: number;
  /** MS_PRIVATE, MS_SLAVE, MS_SHARED or MS_UNBINDABLE for the mount; 0 where none is asked for. */
  readonly propagation: number;
  readonly recursivePropagation: boolean;
  /** What the file system itself understands: `mode=755`, `newinstance`; also flags of the superblock such as `sync`. */
  readonly data: readonly string[];
}

/** Attributes by option name: [set, clear]. */
const ATTRIBUTES: Readonly<Record<string, readonly [number, number]>> = {
  ro: [MOUNT_ATTR.MOUNT_ATTR_RDONLY, 0],
  rw: [0, MOUNT_ATTR.MOUNT_ATTR_RDONLY],
  nosuid: [MOUNT_ATTR.MOUNT_ATTR_NOSUID, 0],
  suid: [0, MOUNT_ATTR.MOUNT_ATTR_NOSUID],
  nodev: [MOUNT_ATTR.MOUNT_ATTR_NODEV, 0],
  dev: [0, MOUNT_ATTR.MOUNT_ATTR_NODEV],
  noexec: [MOUNT_ATTR.MOUNT_ATTR_NOEXEC, 0],
  exec: [0, MOUNT_ATTR.MOUNT_ATTR_NOEXEC],
  noatime: [MOUNT_ATTR.MOUNT_ATTR_NOATIME, MOUNT_ATTR.MOUNT_ATTR__ATIME],
  relatime: [MOUNT_ATTR.MOUNT_ATTR_RELATIME, MOUNT_ATTR.MOUNT_ATTR__ATIME],
  strictatime: [MOUNT_ATTR.MOUNT_ATTR_STRICTATIME, MOUNT_ATTR.MOUNT_ATTR__ATIME],
  nodiratime: [MOUNT_ATTR.MOUNT_ATTR_NODIRATIME, 0],
  diratime: [0, MOUNT_ATTR.MOUNT_ATTR_NODIRATIME],
  nosymfollow: [MOUNT_ATTR.MOUNT_ATTR_NOSYMFOLLOW, 0],
  symfollow: [0, MOUNT_ATTR.MOUNT_ATTR_NOSYMFOLLOW],
};

const PROPAGATIONS: Readonly<Record<string, number>> = {
  private: MS.MS_PRIVATE,
  slave: MS.MS_SLAVE,
  shared: MS.MS_SHARED,
  unbindable: MS.MS_UNBINDABLE,
};

/** Options that mean "as it is": mount(8) knows them, the kernel does not. */
const DEFAULTS = new Set(['defaults', 'async', 'nolazytime', 'nomand', 'silent', 'loud']);

export function parseMountOptions(options: readonly string[]): MountOptions {
  return options.reduce(add, NONE);
}

const NONE: MountOptions = {
  bind: false,
  recursive: false,
  set: 0,
  clear: 0,
  recursiveSet: 0,
  recursiveClear: 0,
  propagation: 0,
  recursivePropagation: false,
  data: [],
};

function add(sum: MountOptions, option: string): MountOptions {
  if (DEFAULTS.has(option)) return sum;
  if (option === 'bind') return { ...sum, bind: true };
  if (option === 'rbind') return { ...sum, bind: true, recursive: true };
  return addAttribute(sum, option) ?? addPropagation(sum, option) ?? { ...sum, data: [...sum.data, option] };
}

function addAttribute(sum: MountOptions, option: string): MountOptions | undefined {
  const own = ATTRIBUTES[option];
  if (own) return { ...sum, set: (sum.set & ~own[1]) | own[0], clear: (sum.clear & ~own[0]) | own[1] };
  const below = option.startsWith('r') ? ATTRIBUTES[option.slice(1)] : undefined;
  if (!below) return undefined;
  return { ...sum, recursiveSet: sum.recursiveSet | below[0], recursiveClear: sum.recursiveClear | below[1] };
}

function addPropagation(sum: MountOptions, option: string): MountOptions | undefined {
  const own = PROPAGATIONS[option];
  if (own) return { ...sum, propagation: own, recursivePropagation: false };
  const below = option.startsWith('r') ? PROPAGATIONS[option.slice(1)] : undefined;
  return below ? { ...sum, propagation: below, recursivePropagation: true } : undefined;
}
