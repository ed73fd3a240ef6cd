import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import { sharedMemory } from './default-mounts.ts';
import { type NamespaceChoices, sandboxNamespaces } from './namespaces.ts';
import { OCI_VERSION } from './oci-version.ts';

export interface SandboxChoices extends NamespaceChoices {
  readonly hostname: string;
  readonly shm: string;
  /** Kernel parameters of the pod's namespaces. */
  readonly sysctl: Readonly<Record<string, string>>;
}

/** The OCI runtime-spec config of what the apps of a pod share. It has no process: the sandbox only holds the namespaces. */
export function sandboxConfig(choices: SandboxChoices): RuntimeConfig {
  const { sysctl } = choices;
  return {
    ociVersion: OCI_VERSION,
    hostname: choices.hostname,
    mounts: [sharedMemory(choices.shm)],
    linux: {
      namespaces: sandboxNamespaces(choices),
      ...(Object.keys(sysctl).length === 0 ? {} : { sysctl }),
    },
  };
}
