import type { App } from '../../schema/app.ts';
import type { RuntimeApp } from '../../schema/pod-manifest.ts';
import type { Mount } from '../../schema/runtime-config.ts';
import type { Volume } from '../../schema/volume.ts';
import type { Flavor } from '../flavor/flavor.ts';
import type { GivenDevice } from '../isolation/device-policy.ts';
import { appVolumes, type PlacedVolume } from './app-volumes.ts';
import type { HostFile } from './host-file.ts';
import { VolumeError } from './volume-error.ts';
import { bindVolume, tmpfsMount } from './volume-mount.ts';

/** A directory of the pod that is a volume's. */
export interface VolumeDirectory {
  /** Below the pod's directory. */
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** It begins as this directory of an app's image, with its content, owner and mode, where the image has one. */
  readonly copyOf?: { readonly app: string; readonly path: string };
}

/** What an app sees of its volumes. */
export interface VolumesOfApp {
  readonly mounts: readonly Mount[];
  readonly devices: readonly GivenDevice[];
}

export interface VolumePlan {
  /** By the apps' names. */
  readonly apps: ReadonlyMap<string, VolumesOfApp>;
  /** Volumes in memory, mounted once for all apps. */
  readonly shared: readonly Mount[];
  readonly directories: readonly VolumeDirectory[];
  readonly warnings: readonly string[];
}

/** An app with what its image is. */
export interface AppWithVolumes {
  readonly app: RuntimeApp;
  readonly section: App;
  /** Its image was converted from Docker's format: there a mount point's content is what a volume begins with. */
  readonly isConverted: boolean;
}

export interface VolumeChoices {
  /** The pod's directory while it runs. */
  readonly podPath: string;
  readonly hostFile: (path: string) => HostFile | undefined;
  /** With fly every mount point needs its volume, and what is mounted below one comes along only where it says so. */
  readonly flavor: Flavor;
  /** Where the sandbox of a pod that runs has mounts; undefined: it is planned here. */
  readonly sandboxMounts?: readonly string[] | undefined;
  /** Make every volume of the pod, also those that none of these apps uses. */
  readonly forLaterApps?: boolean;
}

/** Plans the volumes of a pod: every one at its place in every app, and what has to be made for that. */
export function planVolumes(
  volumes: readonly Volume[],
  apps: readonly AppWithVolumes[],
  choices: VolumeChoices,
): VolumePlan {
  const placed = apps.flatMap((each) => volumesOf(each, volumes));
  const used = [...placed, ...(choices.forLaterApps ? volumes.map((volume) => ({ volume })) : [])];
  if (choices.flavor === 'fly') refuseImplicit(placed);
  const directories = new Map(used.flatMap(directoryOf).map((directory) => [directory.path, directory]));
  return {
    apps: new Map(
      apps.map((app) => [
        app.app.name,
        seenBy(
          placed.filter((each) => each.app === app),
          choices,
        ),
      ]),
    ),
    shared: choices.flavor === 'fly' ? [] : sharedMounts(used, choices.podPath),
    directories: [...directories.values()],
    warnings: placed.flatMap(warnings),
  };
}

interface Placed extends PlacedVolume {
  readonly app: AppWithVolumes;
}

/** A volume as far as its directory goes: without an app it is the pod's. */
type Used = Pick<Placed, 'volume'> & Partial<Placed>;

function volumesOf(app: AppWithVolumes, volumes: readonly Volume[]): readonly Placed[] {
  const { name, mounts = [] } = app.app;
  const { mountPoints = [] } = app.section;
  return appVolumes({ name, mounts, mountPoints }, volumes).map((placed) => ({ ...placed, app }));
}

function refuseImplicit(placed: readonly Placed[]): void {
  const missing = placed.find(({ implicitFor }) => implicitFor !== undefined)?.implicitFor;
  if (missing !== undefined)
    throw new VolumeError(`missing volume for mountpoint ${JSON.stringify(missing)}`);
}

/** Without a mount of the sandbox to share nobody else has a volume in memory. */
function mountOf(placed: Placed, { podPath, flavor, sandboxMounts }: VolumeChoices): Mount {
  const { volume, target } = placed;
  const source = sourceOf(placed, podPath);
  const isShared = flavor !== 'fly' && (sandboxMounts?.includes(source) ?? true);
  if (volume.kind === 'tmpfs' && !isShared) return tmpfsMount(volume, target);
  return bindVolume(placed, { source, recursive: flavor !== 'fly' });
}

function sourceOf(placed: Used, podPath: string): string {
  return placed.volume.kind === 'host' ? placed.volume.source : `${podPath}/${directoryPath(placed)}`;
}

function directoryPath({ app, isOwn, volume }: Used): string {
  return app && isOwn ? `apps/${app.app.name}/volumes/${volume.name}` : `volumes/${volume.name}`;
}

function directoryOf(placed: Used): readonly VolumeDirectory[] {
  const { app, volume, implicitFor, target } = placed;
  if (volume.kind === 'host') return [];
  const { mode, uid, gid } = volume;
  const directory = { path: directoryPath(placed), mode: Number.parseInt(mode, 8), uid, gid };
  const copyOf =
    implicitFor !== undefined && app?.isConverted && target !== undefined
      ? { copyOf: { app: app.app.name, path: target } }
      : {};
  return [{ ...directory, ...copyOf }];
}

function seenBy(mine: readonly Placed[], choices: VolumeChoices): VolumesOfApp {
  return {
    mounts: mine.map((each) => mountOf(each, choices)),
    devices: mine.flatMap((each) => deviceOf(each, choices.hostFile)),
  };
}

function sharedMounts(placed: readonly Used[], podPath: string): readonly Mount[] {
  const mounts = placed.flatMap((each) => {
    const source = sourceOf(each, podPath);
    return each.volume.kind === 'tmpfs' ? [[source, tmpfsMount(each.volume, source)] as const] : [];
  });
  return [...new Map(mounts).values()];
}

function deviceOf({ app, volume, readOnly }: Placed, hostFile: VolumeChoices['hostFile']) {
  if (volume.kind !== 'host') return [];
  const file = hostFile(volume.source);
  if (file === undefined) {
    const what = `app ${JSON.stringify(app.app.name)}: volume ${JSON.stringify(volume.name)}`;
    throw new VolumeError(`${what}: there is no ${JSON.stringify(volume.source)} on this machine`);
  }
  return file.type === 'b' || file.type === 'c' ? [{ ...file, type: file.type, readOnly }] : [];
}

/** rkt's words. */
function warnings({ app, implicitFor }: Placed): readonly string[] {
  if (implicitFor === undefined) return [];
  const point = `mount point ${JSON.stringify(implicitFor)}`;
  const implicit = `no volume specified for ${point}, implicitly creating an "empty" volume. This volume will be removed when the pod is garbage-collected.`;
  const copied = `Docker converted image, initializing implicit volume with data contained at the ${point}.`;
  return app.isConverted ? [implicit, copied] : [implicit];
}
