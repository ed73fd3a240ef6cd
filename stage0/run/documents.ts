import type { AcName } from '../../schema/ac-name.ts';
import type { PodNetwork, Runtime } from '../../schema/pod-files.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';

/** What stage1 reads of a pod beside the pod manifest. */
export interface RunDocuments {
  readonly sandbox: RuntimeConfig;
  readonly network: PodNetwork;
  readonly runtime: Runtime;
  readonly apps: Readonly<Record<AcName, RuntimeConfig>>;
}
