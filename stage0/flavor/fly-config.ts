import type { Mount, RuntimeConfig } from '../../schema/runtime-config.ts';
import { type ResolvedApp, rootMounts } from '../runtime-config/app-config.ts';
import { processEnvironment } from '../runtime-config/environment.ts';
import { OCI_VERSION } from '../runtime-config/oci-version.ts';
import { openFiles } from '../runtime-config/rlimits.ts';

/**
 * The runtime-spec config of the only app of a pod of flavor fly: files of its own, and all else the host's. What it mounts
 * below these directories and its volumes the host sees, too: that is what the flavor is for.
 */
export function flyConfig(app: ResolvedApp, maxOpenFiles: bigint): RuntimeConfig {
  const { name, args, environment, workingDirectory, identity, root } = app;
  return {
    ociVersion: OCI_VERSION,
    process: {
      user: identity,
      args,
      env: processEnvironment(name, environment),
      cwd: workingDirectory,
      rlimits: [openFiles(maxOpenFiles)],
    },
    root: { path: root.path, readonly: root.readonly },
    mounts: [
      ...rootMounts(root),
      ...['/dev', '/proc', '/sys'].map(ofHost),
      { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['mode=1777'] },
      ...app.files,
      ...app.volumes.map(shareBinds),
    ],
    linux: { namespaces: [{ type: 'mount' }] },
  };
}

function ofHost(path: string): Mount {
  return { destination: path, type: 'bind', source: path, options: ['rbind', 'rshared'] };
}

function shareBinds(mount: Mount): Mount {
  return mount.type === 'bind' ? { ...mount, options: [...(mount.options ?? []), 'rshared'] } : mount;
}
