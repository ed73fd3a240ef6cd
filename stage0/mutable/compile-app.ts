import { join } from 'node:path';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import { podPath } from '../pod/directory.ts';
import type { Pod } from '../pod/open.ts';
import { readPodFile } from '../pod/read-file.ts';
import { type CompiledRun, compileRun } from '../run/compile.ts';
import type { RunDocuments } from '../run/documents.ts';
import type { HostView } from '../run/host-view.ts';
import type { PreparedApp } from '../run/prepared-app.ts';
import type { RunRequest } from '../run/request.ts';
import type { PrivateUsers } from '../user-namespace/private-users.ts';
import type { PodOnDisk } from './mutable-pod.ts';
import type { AppInRuntime } from './write-changes.ts';

/** Checks that whoever adds an app can switch off for it. */
export type Laxity = Pick<RunRequest, 'allCapabilities' | 'insecurePaths' | 'insecureSeccomp'>;

export interface AppToCompile {
  readonly dataDirectory: string;
  readonly pod: Pod;
  readonly onDisk: PodOnDisk;
  readonly prepared: PreparedApp;
  readonly privateUsers: PrivateUsers | undefined;
  readonly laxity: Laxity;
}

/** What is written of an app that comes into a pod that runs. */
export interface CompiledApp extends AppInRuntime {
  readonly config: RuntimeConfig;
  readonly volumeDirectories: CompiledRun['volumeDirectories'];
  readonly warnings: readonly string[];
}

/** Translates an app as compileRun() does, for the pod as it was made. */
export function compileApp(app: AppToCompile, host: HostView): CompiledApp {
  const { pod, onDisk, prepared, dataDirectory, privateUsers } = app;
  const { name } = prepared.app;
  const { manifest, sandbox } = onDisk;
  const { documents, volumeDirectories, warnings } = compileRun(
    {
      uuid: pod.uuid,
      path: podPath(dataDirectory, 'run', pod.uuid),
      manifest: { ...manifest, apps: [prepared.app], ports: [] },
      apps: [prepared],
      privateUsers,
      sandboxMounts: (sandbox.mounts ?? []).map(({ destination }) => destination),
    },
    runRequest(app),
    { ...host, hasSockets: false }, // which are the sandbox's
  );
  const config = documents.apps[name];
  if (config === undefined) throw new TypeError(`app ${name} was not compiled`);
  const { lives, stdio } = documents.runtime;
  return {
    config,
    life: lives?.[name],
    stdio: stdio?.[name],
    // those that apps share were made with the pod
    volumeDirectories: volumeDirectories.filter(({ path }) => path.startsWith(`apps/${name}/`)),
    warnings: [...warnings, ...tooLate(name, documents, sandbox)],
  };
}

/** How the pod is run, of what the app's config depends on; files of its `etc/` are only named. */
function runRequest({ pod, onDisk: { runtime, sandbox, network }, laxity }: AppToCompile): RunRequest {
  const { mutable, journal, debug } = runtime;
  const hasIpc = (sandbox.linux?.namespaces ?? []).some(({ type }) => type === 'ipc');
  const content = readPodFile(join(pod.files, 'etc/resolv.conf'));
  return {
    flavor: 'default',
    network,
    resolvConf: content === undefined ? { from: 'image' } : { from: 'flags', content },
    hosts: mutable?.imageHosts ? { from: 'image' } : { from: 'flags', lines: [] },
    hostname: sandbox.hostname,
    interactive: false,
    ...(journal === undefined ? {} : { journal }),
    debug,
    timeOffset: mutable?.timeOffset,
    hostIpc: !hasIpc,
    ...laxity,
  };
}

/** What an app would have had if it had been there from the start, a sentence each: the pod's namespaces are made, and its sockets given out. */
function tooLate(app: string, { runtime, sandbox }: RunDocuments, made: RuntimeConfig): readonly string[] {
  const what = `app ${JSON.stringify(app)}`;
  const known = made.linux?.sysctl ?? {};
  const sysctls = Object.entries(sandbox.linux?.sysctl ?? {}).filter(
    ([name, value]) => known[name] !== value,
  );
  return [
    ...(runtime.notify ? [`${what} gets no NOTIFY_SOCKET: the pod was ready before it came`] : []),
    ...(runtime.sockets
      ? [`${what} gets no sockets of the service manager: the pod was there before it`]
      : []),
    ...sysctls.map(([name]) => `${what} does not get its ${name}: the pod's namespaces were made before it`),
  ];
}
