import type { Linux, Mount, Process, Rlimit, RuntimeConfig } from '../../schema/runtime-config.ts';
import { type CapabilityChoice, capabilitySets } from './capabilities.ts';
import { defaultMounts } from './default-mounts.ts';
import { type Environment, processEnvironment } from './environment.ts';
import { MASKED_PATHS, READONLY_PATHS } from './hidden-paths.ts';
import type { Identity } from './identity.ts';
import { appNamespaces, type NamespaceChoices } from './namespaces.ts';
import { OCI_VERSION } from './oci-version.ts';
import { type Overlay, overlayMount } from './overlay.ts';

/** What an app may do. */
export interface Isolation {
  readonly capabilities: CapabilityChoice;
  readonly noNewPrivileges: boolean;
  readonly oomScoreAdj: number | undefined;
}

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
  /** The hard limit of open files. */
  readonly maxOpenFiles: bigint;
  /** `--insecure-options=paths`: nothing is hidden or read only. */
  readonly insecurePaths: boolean;
}

/** The OCI runtime-spec config of one app: the form in which stage1 gets it. */
export function appConfig(app: ResolvedApp, pod: PodChoices): RuntimeConfig {
  const { overlay, path, readonly } = app.root;
  return {
    ociVersion: OCI_VERSION,
    process: appProcess(app, pod),
    root: { path, readonly },
    mounts: [
      ...(overlay === undefined ? [] : [overlayMount(overlay)]),
      ...defaultMounts({ shm: pod.shm, writableSys: pod.insecurePaths }),
      ...app.files,
    ],
    linux: appLinux(pod),
  };
}

function appProcess(app: ResolvedApp, { interactive, maxOpenFiles }: PodChoices): Process {
  const { capabilities, noNewPrivileges, oomScoreAdj } = app.isolation;
  return {
    terminal: interactive,
    user: app.identity,
    args: app.args,
    env: processEnvironment(app.name, app.environment),
    cwd: app.workingDirectory,
    capabilities: capabilitySets(capabilities, app.identity.uid),
    noNewPrivileges,
    rlimits: [openFiles(maxOpenFiles)],
    ...(oomScoreAdj === undefined ? {} : { oomScoreAdj }),
  };
}

/**
 * Under rkt apps had systemd's soft limit: select(2) cannot have more, and old programs close every fd up to it. Who wants
 * more raises it. What our caller's was is lost, because the JavaScript runtime has raised it.
 */
function openFiles(hard: bigint): Rlimit {
  return { type: 'RLIMIT_NOFILE', soft: hard < 1024n ? hard : 1024n, hard };
}

function appLinux(pod: PodChoices): Linux {
  const namespaces = appNamespaces(pod);
  if (pod.insecurePaths) return { namespaces };
  return { namespaces, maskedPaths: MASKED_PATHS, readonlyPaths: READONLY_PATHS };
}
