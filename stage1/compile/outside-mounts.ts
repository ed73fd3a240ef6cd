import { dirname } from 'node:path';
import { outerId } from '../../linux/id-map.ts';
import { MOUNT_ATTR, mountAttr, OPEN_TREE } from '../../linux/mount.ts';
import { CLONE } from '../../linux/namespace.ts';
import { PR, SECBIT } from '../../linux/prctl.ts';
import type { Mount, RuntimeConfig } from '../../schema/runtime-config.ts';
import { flags, from, type Step, struct, text } from '../program/step.ts';
import { bindSource, detachedMount } from './detached-mount.ts';
import { idmap, idmapInPlace, isIdmapped } from './idmapped-mount.ts';
import type { NamedMount } from './named-mounts.ts';
import { overlayDirectories } from './overlay-directories.ts';
import { enslave, mountRoot } from './root.ts';

/** The name of the app's root file system, detached, in the steps that follow. */
export const ROOT = 'root';

/**
 * What an app in a user namespace of its pod gets from outside: made before the namespace is joined, by the host's root, who
 * alone may map owners, and to whom no directory on the way is closed. Layers are mapped in a mount namespace that is left then;
 * binds before, for what is mapped cannot be mapped again.
 */
export function outsideMounts(
  config: RuntimeConfig,
  binds: readonly NamedMount[],
  userNamespace: number,
): readonly Step[] {
  const root = (config.mounts ?? []).find(({ destination }) => destination === '/');
  return [
    ...binds.flatMap(({ name, mount }) => [
      ...detachedMount(mount, name),
      ...(isIdmapped(mount)
        ? [idmap(name, userNamespace, `map the owners of ${mount.source}`, isRecursive(mount))]
        : []),
    ]),
    { call: 'unshare', args: [flags(CLONE, 'CLONE_NEWNS')], what: 'make a mount namespace' },
    enslave,
    ...writeAsNamespaceRoot(config),
    ...rootMount(config.root?.path ?? '', root, userNamespace),
    ...writeAs({ uid: 0, gid: 0 }),
  ];
}

/**
 * An overlay makes files in its upper layer as whoever mounted it, and on a mapped mount only who is mapped can make any: for
 * file systems we are root of the namespace meanwhile, with all our capabilities.
 */
function writeAsNamespaceRoot({ linux }: RuntimeConfig): readonly Step[] {
  const keepCapabilities: Step = {
    call: 'prctl',
    args: [flags(PR, 'PR_SET_SECUREBITS'), flags(SECBIT, 'SECBIT_NO_SETUID_FIXUP'), 0, 0, 0],
    what: 'keep capabilities',
  };
  const uid = outerId(linux?.uidMappings ?? [], 0) ?? 0;
  const gid = outerId(linux?.gidMappings ?? [], 0) ?? 0;
  return [keepCapabilities, ...writeAs({ uid, gid })];
}

function writeAs({ uid, gid }: { readonly uid: number; readonly gid: number }): readonly Step[] {
  return [
    { call: 'setfsgid', args: [gid] },
    { call: 'setfsuid', args: [uid] },
  ];
}

function isRecursive({ options = [] }: Mount): boolean {
  return options.includes('ridmap');
}

function rootMount(path: string, root: Mount | undefined, userNamespace: number): readonly Step[] {
  const what = `take the root file system ${path}`;
  if (root?.type === 'overlay')
    return [
      ...(isIdmapped(root) ? mapLayers(root, userNamespace) : []),
      ...mountRoot(path, root),
      bindSource(path, ROOT, what, true),
      withoutDevices(what),
    ];
  return [
    bindSource(root?.source ?? path, ROOT, what, true),
    ...(root !== undefined && isIdmapped(root) ? [idmap(ROOT, userNamespace, what)] : []),
    withoutDevices(what),
  ];
}

/** An overlay cannot be mapped, but its layers can (Linux 5.19); upper and work directory have to be on one mount. */
function mapLayers(overlay: Mount, userNamespace: number): readonly Step[] {
  const { lower, upper } = overlayDirectories(overlay);
  const directories = [...lower, ...(upper === undefined ? [] : [dirname(upper)])];
  return directories.flatMap((path, i) => idmapInPlace(path, userNamespace, `layer${i}`));
}

/** The kernel refuses devices on what is mounted in a user namespace; this was not, so we do. */
function withoutDevices(what: string): Step {
  const attr = struct(mountAttr({ set: MOUNT_ATTR.MOUNT_ATTR_NODEV }), '{set=MOUNT_ATTR_NODEV}');
  const args = [from(ROOT), text(''), flags(OPEN_TREE, 'AT_EMPTY_PATH'), attr, 32];
  return { call: 'mount_setattr', args, what };
}
