import type { Mount, Resources, RuntimeConfig } from '../../schema/runtime-config.ts';
import { sharedMemory } from './default-mounts.ts';
import { type NamespaceChoices, sandboxNamespaces } from './namespaces.ts';
import { OCI_VERSION } from './oci-version.ts';

export interface SandboxChoices extends NamespaceChoices {
  readonly hostname: string;
  readonly shm: string;
  /** The pod's cgroup, relative to ours, and the limits that its apps share. */
  readonly cgroup: string;
  readonly resources: Resources;
  /** Volumes in memory, which apps bind from here. */
  readonly volumes: readonly Mount[];
  /** Kernel parameters of the pod's namespaces. */
  readonly sysctl: Readonly<Record<string, string>>;
}

/** The OCI runtime-spec config of what the apps of a pod share. It has no process: the sandbox only holds the namespaces. */
export function sandboxConfig(choices: SandboxChoices): RuntimeConfig {
  const { sysctl, cgroup, resources, shm, volumes } = choices;
  return {
    ociVersion: OCI_VERSION,
    hostname: choices.hostname,
    mounts: [sharedMemory(shm), ...volumes],
    linux: {
      namespaces: sandboxNamespaces(choices),
      cgroupsPath: cgroup,
      resources,
      ...(Object.keys(sysctl).length === 0 ? {} : { sysctl }),
    },
  };
}
