import { annotationValue } from '../../schema/annotation.ts';
import type { ImageManifest } from '../../schema/image-manifest.ts';
import type { PodNetwork } from '../../schema/pod-files.ts';
import type { PodManifest, RuntimeApp } from '../../schema/pod-manifest.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import type { Uuid } from '../../schema/uuid.ts';
import { defaultHostname } from '../etc-files/hostname.ts';
import { type EtcFile, etcMounts, planEtcFiles } from '../etc-files/plan.ts';
import { forwardPorts } from '../network/forward-ports.ts';
import { mapPorts } from '../network/map-ports.ts';
import { NAMESPACE_SYSCTLS } from '../network/namespace-sysctls.ts';
import type { ImageRoot } from '../prepare/image-root.ts';
import { PrepareError } from '../prepare/prepare-error.ts';
import { appConfig, type PodChoices, type ResolvedApp } from '../runtime-config/app-config.ts';
import { resolveIdentity } from '../runtime-config/identity.ts';
import { isolationOf } from '../runtime-config/isolation.ts';
import { sandboxConfig } from '../runtime-config/sandbox-config.ts';
import { systemdRequest } from '../systemd/request.ts';
import { adaptToUserNamespace } from '../user-namespace/adapt.ts';
import type { RunDocuments } from './documents.ts';
import type { HostView } from './host-view.ts';
import type { RunRequest } from './request.ts';

/** An app of a prepared pod: its part of the pod manifest, its image, and where its files are. */
export interface PreparedApp {
  readonly app: RuntimeApp;
  readonly image: ImageManifest;
  /** The image's files, for what names and paths in them mean. */
  readonly files: ImageRoot;
  /** The tree below its overlay; undefined when `apps/APP/rootfs` holds the files itself. */
  readonly tree: string | undefined;
}

export interface PodToRun {
  readonly uuid: Uuid;
  readonly manifest: PodManifest;
  /** Its directory in `run`. */
  readonly path: string;
  readonly apps: readonly PreparedApp[];
}

/** What is written into a pod's directory for a run of it. */
export interface CompiledRun {
  readonly documents: RunDocuments;
  readonly etcFiles: readonly EtcFile[];
}

/** Translates a pod from appc's terms to the OCI runtime specification's. Reads the images' user files, writes nothing. */
export function compileRun(pod: PodToRun, request: RunRequest, host: HostView): CompiledRun {
  const hostname = request.hostname ?? defaultHostname(pod.uuid);
  const etcFiles = planEtcFiles({ ...request, hostname }, host.readFile);
  const choices = podChoices(pod.path, request, host);
  const apps = pod.apps.map((each): [string, RuntimeConfig] => {
    const resolved = resolveApp(each, pod.path, etcFiles, request.allCapabilities);
    const config = appConfig(resolved, choices);
    const { userNamespace: ids } = host;
    return [each.app.name, ids === undefined ? config : adaptToUserNamespace(each.app.name, config, ids)];
  });
  return {
    etcFiles,
    documents: {
      sandbox: sandboxConfig({ ...choices, hostname, sysctl: sysctls(request.network, host) }),
      network: forwardPorts(withDns(request), portMappings(pod, host)),
      runtime: {
        interactive: request.interactive,
        debug: request.debug,
        graceMs: GRACE_MS,
        ...systemdRequest(pod.apps.map(described), pod.manifest.ports ?? []),
      },
      apps: Object.fromEntries(apps),
    },
  };
}

/** How long apps have after SIGTERM. */
const GRACE_MS = 10_000;

function sysctls(network: PodNetwork, { hasIpv6 }: HostView): Readonly<Record<string, string>> {
  return network.mode === 'cni' && hasIpv6 ? NAMESPACE_SYSCTLS : {};
}

/** `--dns=none` keeps the image's resolv.conf, whatever the networks say. */
function withDns({ network, resolvConf }: RunRequest): PodNetwork {
  return network.mode === 'cni' && resolvConf.from === 'image alone' ? { ...network, dns: false } : network;
}

/** The pod's own word on an app comes before its image's. */
function described({ app: { name, app, annotations = [] }, image }: PreparedApp) {
  return { name, app: app ?? image.app, annotations: [...annotations, ...(image.annotations ?? [])] };
}

/**
 * The forwards of the host's ports that the pod manifest exposes to ports its apps declare. Where the service manager
 * listens in an app's stead there is nothing to forward.
 */
function portMappings({ manifest: { apps, ports = [] } }: PodToRun, { hasSockets }: HostView) {
  const declared = apps.flatMap(({ app }) => app?.ports ?? []);
  const activated = declared.filter(({ socketActivated }) => socketActivated && hasSockets);
  const names = new Set(activated.map(({ name }) => name));
  return mapPorts(
    ports.filter(({ name }) => !names.has(name)),
    declared,
  );
}

function podChoices(path: string, request: RunRequest, { maxOpenFiles }: HostView): PodChoices {
  return {
    interactive: request.interactive,
    shm: `${path}/shm`,
    maxOpenFiles,
    insecurePaths: request.insecurePaths,
    hostNetwork: request.network.mode === 'host',
    hostIpc: request.hostIpc,
  };
}

function resolveApp(
  { app: { name, app, readOnlyRootFS }, image, files, tree }: PreparedApp,
  podPath: string,
  etcFiles: readonly EtcFile[],
  allCapabilities: boolean,
): ResolvedApp {
  const section = app ?? image.app;
  if (section === undefined) throw new PrepareError(`app ${JSON.stringify(name)} has no app section`);
  const { exec, user, group, supplementaryGIDs = [], environment = [], workingDirectory } = section;
  const identity = resolveIdentity(
    { app: name, user, group, supplementaryGids: supplementaryGIDs, isConverted: isConverted(image) },
    files,
  );
  return {
    name,
    args: exec,
    environment,
    workingDirectory: workingDirectory || '/',
    identity,
    isolation: isolationOf(section.isolators ?? [], allCapabilities),
    root: appRoot(`${podPath}/apps/${name}`, tree, readOnlyRootFS ?? false),
    files: etcMounts(podPath, etcFiles, files.has),
  };
}

function appRoot(directory: string, tree: string | undefined, readonly: boolean) {
  const overlay =
    tree === undefined ? undefined : { lower: tree, upper: `${directory}/upper`, work: `${directory}/work` };
  return { path: `${directory}/rootfs`, overlay, readonly };
}

/** docker2aci, and so our own conversion, leaves its marks. */
function isConverted({ annotations = [] }: ImageManifest): boolean {
  return annotationValue(annotations, 'appc.io/docker/repository') !== undefined;
}
