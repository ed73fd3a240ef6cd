import { constants } from 'node:fs';
import { O_CLOEXEC } from '../../linux/fcntl.ts';
import { MOUNT_ATTR, MS, mountAttr, UMOUNT } from '../../linux/mount.ts';
import type { Mount } from '../../schema/runtime-config.ts';
import { type Arg, flags, from, type Step, struct, text } from '../program/step.ts';
import { CWD, shown } from './args.ts';
import { moveMount } from './attach-mount.ts';

const DIRECTORY: Arg = shown(constants.O_DIRECTORY | O_CLOEXEC, 'O_RDONLY|O_DIRECTORY|O_CLOEXEC');

/** The host's mounts and unmounts still reach this namespace, nothing goes back. */
export const enslave: Step = {
  call: 'mount',
  args: [0, text('/'), 0, flags(MS, 'MS_REC', 'MS_SLAVE'), 0],
  what: 'detach the mount namespace from the host',
};

/**
 * Mounts the root file system on its directory: the overlay that config.json names, or the directory bound on itself so
 * that it can be pivoted to. The directory's path is the pod's own, not the image's. Devices are in our /dev and nowhere else.
 */
export function mountRoot(path: string, overlay: Mount | undefined): readonly Step[] {
  if (overlay === undefined) {
    const args = [text(path), text(path), 0, flags(MS, 'MS_BIND', 'MS_REC'), 0];
    const attr = struct(mountAttr({ set: MOUNT_ATTR.MOUNT_ATTR_NODEV }), '{set=MOUNT_ATTR_NODEV}');
    return [
      { call: 'mount', args, what: `bind the root file system ${path}` },
      {
        call: 'mount_setattr',
        args: [CWD, text(path), 0, attr, 32],
        what: 'refuse devices of the root file system',
      },
    ];
  }
  const data = text((overlay.options ?? []).join(','));
  return [
    {
      call: 'mount',
      args: [text('overlay'), text(path), text('overlay'), flags(MS, 'MS_NODEV'), data],
      what: `mount the root file system on ${path}`,
    },
  ];
}

/** pivot_root(2) to a mounted directory, by `pivot_root(".", ".")`: the old root lies on top for a moment, then goes. */
export function pivotRoot(path: string): readonly Step[] {
  const what = `change the root to ${path}`;
  return [
    { call: 'openat', args: [CWD, text('/'), DIRECTORY, 0], as: 'oldRoot', what },
    { call: 'chdir', args: [text(path)], what },
    { call: 'pivot_root', args: [text('.'), text('.')], what },
    { call: 'fchdir', args: [from('oldRoot')], what },
    { call: 'umount2', args: [text('.'), flags(UMOUNT, 'MNT_DETACH')], what: 'detach the old root' },
    { call: 'close', args: [from('oldRoot')] },
    { call: 'chdir', args: [text('/')], what },
  ];
}

/**
 * The same to a detached mount, by its fd: it is attached on top of the root, the one place that every user can reach.
 */
export function pivotToMount(name: string): readonly Step[] {
  const what = 'change the root';
  const top = `${name}.top`;
  return [
    { call: 'openat', args: [CWD, text('/'), DIRECTORY, 0], as: top, what },
    moveMount(from(name), from(top), what),
    { call: 'fchdir', args: [from(name)], what },
    { call: 'pivot_root', args: [text('.'), text('.')], what },
    { call: 'umount2', args: [text('.'), flags(UMOUNT, 'MNT_DETACH')], what: 'detach the old root' },
    { call: 'chdir', args: [text('/')], what },
    { call: 'close', args: [from(top)] },
  ];
}

/** Makes the root file system itself read only, not what is mounted in it. */
export const readonlyRoot: Step = {
  call: 'mount_setattr',
  args: [
    CWD,
    text('/'),
    0,
    struct(mountAttr({ set: MOUNT_ATTR.MOUNT_ATTR_RDONLY }), '{set=MOUNT_ATTR_RDONLY}'),
    32,
  ],
  what: 'make the root file system read only',
};
