import type { NamespaceIds } from '../../linux/user-namespace.ts';
import type { IdMapping, Mount, Namespace, RuntimeConfig } from '../../schema/runtime-config.ts';
import { withinUserNamespace } from './adapt.ts';

/** The ids of the host that are a pod's own. */
export interface IdRange {
  readonly first: number;
  readonly count: number;
}

/** How a pod is kept apart from the host's users (`--private-users`). */
export interface PrivateUsers {
  readonly range: IdRange;
  /** The owners of files are mapped by idmapped mounts; otherwise the files have been given to the range. */
  readonly idmapped: boolean;
}

/** The sandbox makes the user namespace. */
export function sandboxWithPrivateUsers(config: RuntimeConfig, { range }: PrivateUsers): RuntimeConfig {
  return { ...config, linux: withNamespace(config, { type: 'user' }, range) };
}

export interface AppOfPod {
  readonly name: string;
  /** Where the sandbox has mounts for its apps: those are of the namespace already. */
  readonly shared: readonly string[];
}

/** The app joins it, and finds its files there with the owners they have in the image. */
export function appWithPrivateUsers(
  { name, shared }: AppOfPod,
  config: RuntimeConfig,
  users: PrivateUsers,
): RuntimeConfig {
  const { range } = users;
  const map = [mapping(range)];
  const ids: NamespaceIds = { uids: map, gids: map, canSetGroups: true };
  const adapted = withinUserNamespace(name, config, ids);
  const mounts = [...(hasRootMount(adapted) ? [] : [ownRoot(adapted)]), ...(adapted.mounts ?? [])];
  return {
    ...adapted,
    mounts: users.idmapped
      ? mounts.map((mount) =>
          isOfHost(mount, shared) ? { ...mount, uidMappings: map, gidMappings: map } : mount,
        )
      : mounts,
    linux: withNamespace(adapted, { type: 'user', path: 'sandbox' }, range),
  };
}

function withNamespace({ linux = {} }: RuntimeConfig, namespace: Namespace, range: IdRange) {
  const map = [mapping(range)];
  const namespaces = [namespace, ...(linux.namespaces ?? [])];
  return { ...linux, namespaces, uidMappings: map, gidMappings: map };
}

function mapping({ first, count }: IdRange): IdMapping {
  return { containerID: 0, hostID: first, size: count };
}

function hasRootMount({ mounts = [] }: RuntimeConfig): boolean {
  return mounts.some(({ destination }) => destination === '/');
}

/** The files that are the app's own, as a mount that can have mappings. */
function ownRoot({ root }: RuntimeConfig): Mount {
  return { destination: '/', type: 'bind', source: root?.path ?? '', options: ['bind'] };
}

/** What comes from the host's disk; the kernel's own file systems are made in the namespace, or are the host's for good. */
function isOfHost({ type, source = '' }: Mount, shared: readonly string[]): boolean {
  return type === 'overlay' || (type === 'bind' && source !== '/sys' && !shared.includes(source));
}
