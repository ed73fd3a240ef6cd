import type { AppStdio, PodNetwork, Runtime } from '../../schema/pod-files.ts';
import type { PodManifest } from '../../schema/pod-manifest.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import type { Uuid } from '../../schema/uuid.ts';
import { defaultHostname } from '../etc-files/hostname.ts';
import { type EtcFile, planEtcFiles } from '../etc-files/plan.ts';
import { checkFly, unenforcedByFly } from '../flavor/fly.ts';
import { flyConfig } from '../flavor/fly-config.ts';
import { type PodIsolation, podIsolation } from '../isolation/of-pod.ts';
import { forwardPorts } from '../network/forward-ports.ts';
import { mapPorts } from '../network/map-ports.ts';
import { NAMESPACE_SYSCTLS } from '../network/namespace-sysctls.ts';
import { appConfig, type PodChoices, type ResolvedApp } from '../runtime-config/app-config.ts';
import { missingCapabilities } from '../runtime-config/capabilities.ts';
import { sandboxConfig } from '../runtime-config/sandbox-config.ts';
import { withTimeOffset } from '../runtime-config/time-offset.ts';
import { systemdRequest } from '../systemd/request.ts';
import { UserNamespaceError } from '../user-namespace/namespace-error.ts';
import { placeDocuments } from '../user-namespace/place-documents.ts';
import type { PrivateUsers } from '../user-namespace/private-users.ts';
import { planVolumes, type VolumeDirectory, type VolumePlan } from '../volumes/plan.ts';
import { appLives } from './app-lives.ts';
import { appsStdio, hasTerminal } from './app-stdio.ts';
import type { RunDocuments } from './documents.ts';
import type { HostView } from './host-view.ts';
import type { PreparedApp } from './prepared-app.ts';
import type { RunRequest } from './request.ts';
import { type DescribedApp, describeApp, resolveApp } from './resolve-app.ts';

export interface PodToRun {
  readonly uuid: Uuid;
  readonly manifest: PodManifest;
  /** Its directory in `run`. */
  readonly path: string;
  readonly apps: readonly PreparedApp[];
  /** The ids that are its own; undefined: it has those of the host. */
  readonly privateUsers?: PrivateUsers | undefined;
  /** Where the sandbox has mounts for the apps, in a pod that runs already; undefined: it gets what they need. */
  readonly sandboxMounts?: readonly string[] | undefined;
}

/** What is written into a pod's directory for a run of it. */
export interface CompiledRun {
  readonly documents: RunDocuments;
  readonly etcFiles: readonly EtcFile[];
  readonly volumeDirectories: readonly VolumeDirectory[];
  /** What the user asked for and does not get, or gets without having asked, a sentence each. */
  readonly warnings: readonly string[];
}

/** Translates a pod from appc's terms to the OCI runtime specification's. Reads the images' user files, writes nothing. */
export function compileRun(pod: PodToRun, request: RunRequest, host: HostView): CompiledRun {
  const { flavor } = request;
  if (flavor === 'fly') checkFly(pod.manifest, request);
  if (flavor === 'fly' && pod.privateUsers)
    throw new UserNamespaceError('a pod with private users cannot be run by stage1 "fly"');
  const hostname = hostnameOf(pod, request, host);
  const etcFiles = planEtcFiles({ ...request, hostname }, host.readFile);
  const apps = pod.apps.map(describeApp);
  const volumes = volumesOf(pod, apps, request, host);
  const choices = podChoices(pod, request, host);
  const stdio = appsStdio(pod.apps.map(annotated), request);
  const isolation = podIsolation(pod.manifest, apps.map(ownIsolators), { ...choices, ...host });
  const resolved = apps.map((app) =>
    resolveApp(app, { ...request, ...host, path: pod.path, etcFiles, volumes }),
  );
  const ofIsolators = flavor === 'fly' ? unenforcedByFly(pod.manifest) : isolation.warnings;
  const ofApps = flavor === 'fly' ? [] : resolved.flatMap((app) => lackingCapabilities(app, host));
  return {
    etcFiles,
    volumeDirectories: volumes.directories,
    warnings: [...volumes.warnings, ...ofIsolators, ...ofApps],
    documents: placeDocuments(
      {
        sandbox: sandbox(
          { ...choices, hostname },
          { isolation, volumes, sysctl: sysctls(request.network, host) },
        ),
        network: forwardPorts(withDns(request), portMappings(pod, host)),
        runtime: {
          interactive: request.interactive,
          ...(request.journal ? { journal: true } : {}),
          debug: request.debug,
          graceMs: GRACE_MS,
          ...systemdRequest(pod.apps.map(described), pod.manifest.ports ?? []),
          ...podLife(apps, request),
          ...(stdio && { stdio }),
          ...(request.metadata && { metadata: request.metadata }),
          ...hostNetworkLimits(request),
          ...mutability(request, etcFiles),
        },
        apps: Object.fromEntries(
          resolved.map((app) => [app.name, configOf(app, withTerminal(choices, stdio?.[app.name]), request)]),
        ),
      },
      { privateUsers: pod.privateUsers, ids: host.userNamespace },
    ),
  };
}

function volumesOf(
  { manifest, path, sandboxMounts }: PodToRun,
  apps: readonly DescribedApp[],
  { flavor, mutable }: RunRequest,
  { hostFile }: HostView,
): VolumePlan {
  const choices = { podPath: path, hostFile, flavor, sandboxMounts, forLaterApps: mutable !== undefined };
  return planVolumes(manifest.volumes ?? [], apps, choices);
}

/** A shared network namespace is an open door to the abstract sockets of the host. */
function hostNetworkLimits({ network, flavor, insecurePaths }: RunRequest): Partial<Runtime> {
  return network.mode === 'host' && flavor !== 'fly' && !insecurePaths ? { ownSockets: true } : {};
}

/** What apps that come later have to be told of how the pod was made. */
function mutability({ mutable, timeOffset }: RunRequest, etcFiles: readonly EtcFile[]): Partial<Runtime> {
  if (mutable === undefined) return {};
  const imageHosts = etcFiles.some(({ name, imageFirst }) => name === 'hosts' && imageFirst);
  return { mutable: { ...mutable, imageHosts, ...(timeOffset === undefined ? {} : { timeOffset }) } };
}

/** What happens around the apps, and what ends the pod. */
function podLife(apps: readonly DescribedApp[], { exitOn = 'failure' }: RunRequest): Partial<Runtime> {
  const lives = appLives(
    apps.map(({ app: { name, annotations = [] }, section, prepared: { image } }) => ({
      name,
      eventHandlers: section.eventHandlers ?? [],
      annotations: [annotations, image.annotations ?? []],
    })),
  );
  return { ...(lives && { lives }), ...(exitOn === 'failure' ? {} : { exitOn }) };
}

/** Only the pod's own word counts: where an app's streams lead is the user's affair, not the image's. */
function annotated({ app: { name, annotations = [] } }: PreparedApp) {
  return { name, annotations };
}

function withTerminal(choices: PodChoices, stdio: AppStdio = {}): PodChoices {
  return { ...choices, interactive: choices.interactive || hasTerminal(stdio) };
}

/** With fly it is the host's. */
function hostnameOf({ uuid }: PodToRun, { hostname, flavor }: RunRequest, { readFile }: HostView): string {
  if (flavor === 'fly') return readFile('/proc/sys/kernel/hostname').trim();
  return hostname ?? defaultHostname(uuid);
}

function configOf(app: ResolvedApp, pod: PodChoices, { flavor, timeOffset }: RunRequest): RuntimeConfig {
  if (flavor === 'fly') return flyConfig(app, pod.maxOpenFiles);
  return withTimeOffset(appConfig(app, pod), timeOffset);
}

function ownIsolators({ app: { name }, section: { isolators } }: DescribedApp) {
  return { name, isolators };
}

function lackingCapabilities({ name, isolation }: ResolvedApp, { capabilities }: HostView) {
  return missingCapabilities(name, isolation.capabilities, capabilities);
}

interface SandboxParts {
  readonly isolation: PodIsolation;
  readonly volumes: VolumePlan;
  readonly sysctl: Readonly<Record<string, string>>;
}

function sandbox(
  choices: PodChoices & { readonly hostname: string },
  { isolation, volumes, sysctl }: SandboxParts,
): RuntimeConfig {
  const { resources } = isolation;
  return sandboxConfig({
    ...choices,
    sysctl: { ...sysctl, ...isolation.sysctl },
    resources,
    volumes: volumes.shared,
  });
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

function podChoices({ uuid, path }: PodToRun, request: RunRequest, host: HostView): PodChoices {
  return {
    interactive: request.interactive,
    shm: `${path}/shm`,
    cgroup: `tsrkt-${uuid}`,
    architecture: process.arch,
    capabilities: host.capabilities,
    maxOpenFiles: host.maxOpenFiles,
    insecurePaths: request.insecurePaths,
    hostNetwork: request.network.mode === 'host',
    hostIpc: request.hostIpc,
  };
}
