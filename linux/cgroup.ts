import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getXattr } from './xattr.ts';

/** A mounted cgroup hierarchy and where this process is in it. */
export interface Hierarchy {
  readonly version: 1 | 2;
  /** Of v1 what is attached, also `name=systemd`; of v2 what cgroups below the mount point can have. */
  readonly controllers: readonly string[];
  /** The same; of v2 what cgroups below `own` can have. */
  readonly ownControllers: readonly string[];
  readonly mountPoint: string;
  /** The directory of this process's own cgroup. */
  readonly own: string;
  /**
   * Whose cgroup that is: of v2, `root` has no parent in the kernel and may have processes and children at once,
   * `delegated` was given to us (systemd's Delegate=, or a cgroup namespace), `foreign` belongs to another manager.
   */
  readonly ownership: 'root' | 'delegated' | 'foreign';
}

/** The hierarchies of this host as this process sees them (cgroups(7)). */
export function readHierarchies(): readonly Hierarchy[] {
  const parsed = parseHierarchies(
    readFileSync('/proc/self/mountinfo', 'utf8'),
    readFileSync('/proc/self/cgroup', 'utf8'),
  );
  return parsed.map((hierarchy) => (hierarchy.version === 2 ? lookAt(hierarchy) : hierarchy));
}

/** From the texts of /proc/PID/mountinfo and /proc/PID/cgroup; of v2 `controllers` is empty and `ownership` `foreign`. */
export function parseHierarchies(mountinfo: string, cgroup: string): readonly Hierarchy[] {
  const mounts = lines(mountinfo).flatMap(parseMount);
  return lines(cgroup).flatMap((line): Hierarchy[] => {
    const [, names = '', ...rest] = line.split(':');
    const controllers = names.split(',').filter(Boolean);
    const path = rest.join(':');
    const version = controllers.length === 0 ? 2 : 1;
    const mount = mounts.find((each) => each.version === version && isOf(each, controllers, path));
    if (mount === undefined) return [];
    const { mountPoint } = mount;
    const own = ownDirectory(mount, path);
    return [{ version, controllers, ownControllers: controllers, mountPoint, own, ownership: 'foreign' }];
  });
}

interface CgroupMount {
  readonly version: 1 | 2;
  /** What of the hierarchy is mounted. */
  readonly root: string;
  readonly mountPoint: string;
  readonly options: readonly string[];
}

/** proc_pid_mountinfo(5): id parent device root mount-point options optional… - type source super-options */
function parseMount(line: string): readonly CgroupMount[] {
  const [before = '', after = ''] = line.split(' - ');
  const [, , , root = '', mountPoint = ''] = before.split(' ');
  const [type, , options = ''] = after.split(' ');
  if (type !== 'cgroup' && type !== 'cgroup2') return [];
  const version = type === 'cgroup2' ? 2 : 1;
  return [
    { version, root: undoEscapes(root), mountPoint: undoEscapes(mountPoint), options: options.split(',') },
  ];
}

function isOf({ root, options }: CgroupMount, controllers: readonly string[], path: string): boolean {
  return controllers.every((name) => options.includes(name)) && isAtOrBelow(path, root);
}

/** A path outside of what is mounted shows as `/..`: the mount point is as near as we can come. */
function ownDirectory({ root, mountPoint }: CgroupMount, path: string): string {
  const below = root === '/' ? path : path.slice(root.length);
  return path.startsWith('/..') || below === '/' ? mountPoint : join(mountPoint, below);
}

function isAtOrBelow(path: string, root: string): boolean {
  return root === '/' || path === root || path.startsWith(`${root}/`);
}

/** systemd marks what it delegates with an attribute; only the kernel's root has no cgroup.type. */
function lookAt(hierarchy: Hierarchy): Hierarchy {
  const { own, mountPoint } = hierarchy;
  const isRoot = !existsSync(join(own, 'cgroup.type'));
  const delegated =
    own === mountPoint || ['trusted.delegate', 'user.delegate'].some((name) => isSet(own, name));
  return {
    ...hierarchy,
    controllers: controllersOf(mountPoint),
    ownControllers: controllersOf(own),
    ownership: isRoot ? 'root' : delegated ? 'delegated' : 'foreign',
  };
}

function controllersOf(directory: string): readonly string[] {
  return readFileSync(join(directory, 'cgroup.controllers'), 'utf8').split(/\s+/).filter(Boolean);
}

function isSet(directory: string, name: string): boolean {
  return getXattr(Buffer.from(`${directory}\0`), name)?.toString() === '1';
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

function undoEscapes(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
