import { annotationValue } from '../../schema/annotation.ts';
import type { App } from '../../schema/app.ts';
import type { Digest } from '../../schema/digest.ts';
import { formatJson } from '../../schema/format-json.ts';
import type { ImageManifest } from '../../schema/image-manifest.ts';
import { labelValue } from '../../schema/label.ts';
import type { Platform } from '../../schema/oci/platform.ts';
import { ociArchitecture } from '../../schema/os-arch.ts';
import type { Port } from '../../schema/port.ts';

/** The OCI image configuration that says what an appc image manifest says, as far as it can. */
export function configOfManifest(manifest: ImageManifest, platform: Platform, diffId: Digest): Buffer {
  const { labels = [], annotations = [], app } = manifest;
  const arch = labelValue(labels, 'arch');
  const { architecture, variant } = (arch === undefined ? undefined : ociArchitecture(arch)) ?? platform;
  const created = annotationValue(annotations, 'created');
  const author = annotationValue(annotations, 'authors');
  const config = {
    created,
    author,
    architecture,
    variant,
    os: labelValue(labels, 'os') ?? platform.os,
    config: app === undefined ? {} : containerConfig(app),
    rootfs: { type: 'layers', diff_ids: [diffId] },
  };
  return Buffer.from(formatJson(config));
}

function containerConfig({ exec, user, group, environment = [], workingDirectory, ...more }: App): object {
  const { mountPoints = [], ports = [], userLabels = {} } = more;
  return {
    User: group === user || group === '' ? user : `${user}:${group}`,
    Entrypoint: exec.length === 0 ? undefined : exec,
    Env: environment.map(({ name, value }) => `${name}=${value}`),
    WorkingDir: workingDirectory,
    Volumes: asSet(mountPoints.map(({ path }) => path)),
    ExposedPorts: asSet(ports.map(exposedPort)),
    Labels: Object.keys(userLabels).length === 0 ? undefined : userLabels,
  };
}

function exposedPort({ port, count, protocol }: Port): string {
  return count > 1 ? `${port}-${port + count - 1}/${protocol}` : `${port}/${protocol}`;
}

/** Go writes a set as an object of empty objects. */
function asSet(names: readonly string[]): object | undefined {
  return names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, {}]));
}
