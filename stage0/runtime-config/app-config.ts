import type { Linux, Mount, Process, RuntimeConfig } from '../../schema/runtime-config.ts';
import { devicePolicy, type GivenDevice } from '../isolation/device-policy.ts';
import { seccompConfig } from '../isolation/seccomp/config.ts';
import { boundingSet, capabilitySets } from './capabilities.ts';
import { defaultMounts } from './default-mounts.ts';
import { type Environment, processEnvironment } from './environment.ts';
import { MASKED_PATHS, READONLY_PATHS } from './hidden-paths.ts';
import type { Identity } from './identity.ts';
import type { Isolation } from './isolation.ts';
import { appNamespaces, type NamespaceChoices } from './namespaces.ts';
import { OCI_VERSION } from './oci-version.ts';
import { type Overlay, overlayMount } from './overlay.ts';
import { openFiles } from './rlimits.ts';

/** An app with every question answered. */
export interface ResolvedApp {
  readonly name: string;
  readonly args: readonly string[];
  readonly environment: Environment;
  readonly workingDirectory: string;
  readonly identity: Identity;
  readonly isolation: Isolation;
  readonly root: AppRoot;
  /** Files of the pod the app sees in its /etc. */
  readonly files: readonly Mount[];
  readonly volumes: readonly Mount[];
  /** The devices among its volumes. */
  readonly devices: readonly GivenDevice[];
}

/** The app's root directory on the host, and the overlay that is mounted there unless it holds the files itself. */
export interface AppRoot {
  readonly path: string;
  readonly overlay: Overlay | undefined;
  readonly readonly: boolean;
}

/** What all apps of a pod have in common. */
export interface PodChoices extends NamespaceChoices {
  readonly interactive: boolean;
  /** The pod's shared memory on the host. */
  readonly shm: string;
  /** The pod's cgroup, relative to ours; each app has one below it. */
  readonly cgroup: string;
  /** What we can give an app at most. */
  readonly capabilities: readonly string[];
  /** Node's name of the host's architecture. */
  readonly architecture: string;
  /** The hard limit of open files. */
  readonly maxOpenFiles: bigint;
  /** `--insecure-options=paths`: nothing is hidden or read only, and no device is refused. */
  readonly insecurePaths: boolean;
}

/** The OCI runtime-spec config of one app: the form in which stage1 gets it. */
export function appConfig(app: ResolvedApp, pod: PodChoices): RuntimeConfig {
  const { path, readonly } = app.root;
  return {
    ociVersion: OCI_VERSION,
    process: appProcess(app, pod),
    root: { path, readonly },
    mounts: [
      ...rootMounts(app.root),
      ...defaultMounts({ shm: pod.shm, writableSys: pod.insecurePaths }),
      ...app.files,
      ...app.volumes,
    ],
    linux: appLinux(app, pod),
  };
}

/** The mount of an app's root, where it is one. */
export function rootMounts({ overlay }: AppRoot): readonly Mount[] {
  return overlay === undefined ? [] : [overlayMount(overlay)];
}

function appProcess(app: ResolvedApp, pod: PodChoices): Process {
  const { capabilities, noNewPrivileges, oomScoreAdj } = app.isolation;
  return {
    terminal: pod.interactive,
    user: app.identity,
    args: app.args,
    env: processEnvironment(app.name, app.environment),
    cwd: app.workingDirectory,
    capabilities: capabilitySets(capabilities, app.identity.uid, pod.capabilities),
    noNewPrivileges,
    rlimits: [openFiles(pod.maxOpenFiles)],
    ...(oomScoreAdj === undefined ? {} : { oomScoreAdj }),
  };
}

function appLinux({ name, isolation, devices }: ResolvedApp, pod: PodChoices): Linux {
  const capabilities = boundingSet(isolation.capabilities, pod.capabilities);
  const seccomp = seccompConfig(isolation.seccomp, { capabilities, architecture: pod.architecture });
  const { resources } = isolation;
  return {
    namespaces: appNamespaces(pod),
    cgroupsPath: `${pod.cgroup}/${name}`,
    resources: pod.insecurePaths ? resources : { ...resources, devices: devicePolicy(devices) },
    ...(seccomp === undefined ? {} : { seccomp }),
    ...(pod.insecurePaths ? {} : { maskedPaths: MASKED_PATHS, readonlyPaths: READONLY_PATHS }),
  };
}
