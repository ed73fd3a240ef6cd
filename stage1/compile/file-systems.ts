import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import type { Step } from '../program/step.ts';
import type { AppContext } from './app.ts';
import { octal } from './args.ts';
import { attachMount, type Target } from './attach-mount.ts';
import { bindDevices, deviceSources } from './bound-devices.ts';
import { detachedMount } from './detached-mount.ts';
import { makeDevices } from './devices.ts';
import { maskPaths, maskSources, protectPaths } from './hide-paths.ts';
import { isBind, type NamedMount, namedMounts } from './named-mounts.ts';
import { outsideMounts, ROOT } from './outside-mounts.ts';
import { mountRoot, pivotRoot, pivotToMount, readonlyRoot } from './root.ts';
import { terminalMount } from './stdio.ts';

/** What has to be mounted before the app joins its pod: nothing, where it joins no user namespace. */
export function mountsFromOutside(config: RuntimeConfig, context: AppContext): readonly Step[] {
  const userNamespace = joinedUserNamespace(context);
  if (userNamespace === undefined) return [];
  const binds = namedMounts(config).filter(
    ({ mount }) => isBind(mount) && !context.isShared(mount.source ?? ''),
  );
  return outsideMounts(config, binds, userNamespace);
}

/** What the sandbox has mounted for its apps: taken when its mount namespace is joined, while who joins still owns the way there. */
export function mountsFromSandbox(config: RuntimeConfig, context: AppContext): readonly Step[] {
  if (joinedUserNamespace(context) === undefined) return [];
  const shared = namedMounts(config).filter(
    ({ mount }) => isBind(mount) && context.isShared(mount.source ?? ''),
  );
  return shared.flatMap(({ name, mount }) => detachedMount(mount, name));
}

/** Mounts are made while the host is in view, then the root is changed, then they are attached inside. */
export function fileSystems(config: RuntimeConfig, context: AppContext): readonly Step[] {
  const mine = namedMounts(config);
  const isTaken = ({ mount }: NamedMount) => joinedUserNamespace(context) !== undefined && isBind(mount);
  const { mount, enter } = rootSteps(config, context);
  return [
    ...mount,
    ...mine.filter((each) => !isTaken(each)).flatMap(({ name, mount }) => detachedMount(mount, name)),
    ...maskSources(config.linux?.maskedPaths ?? []),
    ...(context.userNamespace === undefined ? [] : deviceSources(config.linux?.devices ?? [])),
    ...(context.terminal === undefined ? [] : [terminalMount(context.terminal, 'console')]),
    ...enter,
    { call: 'umask', args: [octal(0)] },
    ...mine.flatMap((named) => attach(named, config, context)),
    ...(context.terminal === undefined ? [] : attachMount('console', CONSOLE)),
    ...hidePaths(config, mine),
    ...(config.root?.readonly ? [readonlyRoot] : []),
  ];
}

const CONSOLE: Target = { path: '/dev/console', kind: 'file', links: 'refuse' };

/** How the root is mounted and how it becomes the root; from outside it comes as it is. */
function rootSteps({ root, mounts = [] }: RuntimeConfig, context: AppContext) {
  if (joinedUserNamespace(context) !== undefined) return { mount: [], enter: pivotToMount(ROOT) };
  const path = root?.path ?? '';
  const own = mounts.find(({ destination }) => destination === '/');
  return { mount: mountRoot(path, own), enter: pivotRoot(path) };
}

function hidePaths({ linux }: RuntimeConfig, mounts: readonly NamedMount[]): readonly Step[] {
  const mounted = mounts.map(({ name, mount }) => ({ name, destination: mount.destination }));
  return [
    ...protectPaths(linux?.readonlyPaths ?? [], mounted),
    ...maskPaths(linux?.maskedPaths ?? [], mounted),
  ];
}

function joinedUserNamespace({ join }: AppContext): number | undefined {
  return join.find(({ type }) => type === 'user')?.fd;
}

type AttachContext = Pick<AppContext, 'isDirectory' | 'userNamespace'>;

/** Steps that attach a mount inside the new root. */
export function attach(
  { name, mount }: NamedMount,
  config: RuntimeConfig,
  context: AttachContext,
): readonly Step[] {
  const { destination } = mount;
  const isFile = isBind(mount) && !context.isDirectory(mount.source ?? '');
  const links = ['/proc', '/sys', '/dev'].includes(destination) ? 'refuse' : 'follow';
  return [
    ...attachMount(name, { path: destination, kind: isFile ? 'file' : 'directory', links }),
    ...(destination === '/dev' && mount.type === 'tmpfs' ? fillDev(config, context) : []),
  ];
}

function fillDev({ linux }: RuntimeConfig, { userNamespace }: AttachContext): readonly Step[] {
  const devices = linux?.devices ?? [];
  return userNamespace === undefined ? makeDevices(devices) : bindDevices(devices);
}
