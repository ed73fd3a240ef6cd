import { sanitizeAcIdentifier } from '../../schema/ac-identifier.ts';
import { sanitizeAcName } from '../../schema/ac-name.ts';
import type { EnvironmentVariable, MountPoint } from '../../schema/app.ts';
import { show } from '../../schema/decode-error.ts';
import { formatJson } from '../../schema/format-json.ts';
import { type ImageManifest, imageManifest } from '../../schema/image-manifest.ts';
import type { ContainerConfig, ImageConfig } from '../../schema/oci/image-config.ts';
import { appcArchitecture } from '../../schema/os-arch.ts';
import { portsOf } from './ports.ts';

/** What an image is called and where it came from, which its configuration does not say. */
export interface ImageOrigin {
  /** `registry-1.docker.io/library/busybox` or whatever else names it; made an AC identifier. */
  readonly name: string;
  readonly tag?: string;
  readonly manifestDigest: string;
  readonly configDigest: string;
}

/** An image whose configuration has no equivalent in appc's words. */
export class ImageConfigError extends Error {
  readonly code = 'ERR_IMAGE_CONFIG';
  constructor(origin: ImageOrigin, why: string) {
    super(`read configuration of ${show(origin.name)}: ${why}`);
    this.name = 'ImageConfigError';
  }
}

/**
 * The appc image manifest that says what an OCI configuration says, as rkt's docker2aci named things: entrypoint and cmd become
 * `exec`, ports `80-tcp`, volumes the mount points `volume-…`. What appc has no word for is kept as annotations.
 */
export function imageManifestOf(config: ImageConfig, origin: ImageOrigin): ImageManifest {
  const arch = appcArchitecture(config.architecture, config.variant);
  if (config.os !== 'linux' || arch === undefined)
    throw new ImageConfigError(origin, `the image is for ${show(`${config.os}/${config.architecture}`)}`);
  const labels = [
    ...(origin.tag === undefined ? [] : [{ name: 'version', value: origin.tag }]),
    { name: 'os', value: 'linux' },
    { name: 'arch', value: arch },
  ];
  const manifest = {
    acKind: 'ImageManifest',
    acVersion: '0.8.11',
    name: sanitizeAcIdentifier(origin.name),
    labels,
    app: appOf(config.config ?? {}, origin),
    annotations: annotationsOf(config, origin),
  };
  return imageManifest(manifest);
}

function appOf(config: ContainerConfig, origin: ImageOrigin): object {
  const [user = '', group = ''] = (config.User ?? '').split(':');
  return {
    exec: [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])],
    user: user || '0',
    // As docker2aci has it: a user alone is its own group, which an image need not have (see stage0's identities).
    group: group || user || '0',
    workingDirectory: workingDirectory(config.WorkingDir ?? '', origin),
    environment: environment(config.Env ?? []),
    mountPoints: mountPoints(Object.keys(config.Volumes ?? {})),
    ports: portsOf(Object.keys(config.ExposedPorts ?? {})),
    userLabels: config.Labels ?? {},
  };
}

/** Docker resolves it from the root. */
function workingDirectory(path: string, origin: ImageOrigin): string {
  if (path.split('/').includes('..'))
    throw new ImageConfigError(origin, `WorkingDir ${show(path)} leads upwards`);
  return path === '' || path.startsWith('/') ? path : `/${path}`;
}

/** The last of several values counts, as it does for execve(2)'s readers; names that appc does not know are left out. */
function environment(variables: readonly string[]): readonly EnvironmentVariable[] {
  const values = new Map<string, string>();
  for (const variable of variables) {
    const equals = variable.indexOf('=');
    const name = variable.slice(0, Math.max(equals, 0));
    if (/^[A-Za-z_][A-Za-z_0-9.-]*$/.test(name)) values.set(name, variable.slice(equals + 1));
  }
  return [...values].map(([name, value]) => ({ name, value }));
}

function mountPoints(paths: readonly string[]): readonly MountPoint[] {
  const names = new Set<string>();
  return paths.map((path) => {
    const base = sanitizeAcName(`volume-${path}`);
    let name = base;
    for (let count = 2; names.has(name); count++) name = sanitizeAcName(`${base}-${count}`);
    names.add(name);
    return { name, path: path.startsWith('/') ? path : `/${path}` };
  });
}

function annotationsOf(config: ImageConfig, origin: ImageOrigin): readonly { name: string; value: string }[] {
  const { Entrypoint, Cmd, StopSignal, Healthcheck } = config.config ?? {};
  const values: Record<string, string | undefined> = {
    created: config.created,
    authors: config.author || undefined,
    'appc.io/docker/repository': origin.name,
    'appc.io/docker/tag': origin.tag,
    'appc.io/docker/imageid': origin.configDigest,
    'appc.io/docker/manifesthash': origin.manifestDigest,
    'appc.io/docker/entrypoint': Entrypoint && JSON.stringify(Entrypoint),
    'appc.io/docker/cmd': Cmd && JSON.stringify(Cmd),
    'appc.io/docker/stopsignal': StopSignal || undefined,
    'appc.io/docker/healthcheck': Healthcheck && formatJson(Healthcheck),
  };
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}
