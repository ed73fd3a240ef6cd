import { hasId } from '../../linux/id-map.ts';
import { hasManyIds, type NamespaceIds } from '../../linux/user-namespace.ts';
import type { Mount, RuntimeConfig } from '../../schema/runtime-config.ts';
import { UserNamespaceError } from './namespace-error.ts';

/**
 * A config as the kernel allows it where we are not the first user namespace's root, but that of one with these ids. Throws
 * for users who do not exist there. What devices are made of is stage1's business.
 */
export function adaptToUserNamespace(app: string, config: RuntimeConfig, ids: NamespaceIds): RuntimeConfig {
  const adapted = withinUserNamespace(app, config, ids);
  return { ...adapted, mounts: (adapted.mounts ?? []).map(withUserXattr) };
}

/** An overlay that is mounted in a user namespace keeps its marks where its users may write (overlayfs.rst, `userxattr`). */
function withUserXattr(mount: Mount): Mount {
  return mount.type === 'overlay' ? { ...mount, options: [...(mount.options ?? []), 'userxattr'] } : mount;
}

/** What holds in every user namespace but the first, also one that the pod is going to make. */
export function withinUserNamespace(app: string, config: RuntimeConfig, ids: NamespaceIds): RuntimeConfig {
  checkIdentity(app, config, ids);
  const { mounts = [] } = config;
  return { ...config, mounts: mounts.flatMap((mount) => adaptMount(mount, config, ids)) };
}

function adaptMount(mount: Mount, config: RuntimeConfig, ids: NamespaceIds): readonly Mount[] {
  switch (mount.type) {
    case 'devpts':
      return [{ ...mount, options: (mount.options ?? []).filter((option) => isMapped(option, ids)) }];
    case 'sysfs':
      return [hasNamespace(config, 'network') ? mount : boundSysfs(mount)];
    case 'mqueue':
      return hasNamespace(config, 'ipc') ? [mount] : []; // that of the host cannot be mounted, nor is it needed
    default:
      return [mount];
  }
}

/** `gid=5`, terminals' group, where there is a group 5. */
function isMapped(option: string, { gids }: NamespaceIds): boolean {
  const [, gid] = /^gid=(\d+)$/.exec(option) ?? [];
  return gid === undefined || hasId(gids, Number(gid));
}

function hasNamespace({ linux }: RuntimeConfig, wanted: 'network' | 'ipc'): boolean {
  return (linux?.namespaces ?? []).some(({ type }) => type === wanted);
}

/** sysfs shows the network namespace, and who mounts one must own that: the host's own is bound instead, with all that is in it. */
function boundSysfs({ destination, options = [] }: Mount): Mount {
  return {
    destination,
    type: 'bind',
    source: '/sys',
    options: ['rbind', ...options.filter((option) => option !== 'rw').map((option) => `r${option}`)],
  };
}

function checkIdentity(app: string, { process }: RuntimeConfig, ids: NamespaceIds): void {
  const { uid = 0, gid = 0, additionalGids = [] } = process?.user ?? {};
  const unknownGid = [gid, ...additionalGids].find((each) => !hasId(ids.gids, each));
  if (!hasId(ids.uids, uid)) throw missingId(app, `user ${uid}`, ids);
  if (unknownGid !== undefined) throw missingId(app, `group ${unknownGid}`, ids);
  if (additionalGids.length > 0 && !ids.canSetGroups) throw missingId(app, 'supplementary groups', ids);
}

function missingId(app: string, whom: string, ids: NamespaceIds): UserNamespaceError {
  const wanted = `app ${JSON.stringify(app)} wants ${whom}, and you have no ids for`;
  return hasManyIds(ids)
    ? new UserNamespaceError(`${wanted} them`)
    : new UserNamespaceError(`${wanted} anybody but root`, ASK_ROOT);
}

const ASK_ROOT =
  'ask root for ranges in /etc/subuid and /etc/subgid (usermod --add-subuids, --add-subgids) and the Debian package uidmap';
