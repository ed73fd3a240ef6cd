import type { AcName } from '../../schema/ac-name.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import type { PodNetwork } from './network.ts';

/** What stage1 reads of a pod; also the document that `stage1 run --dry-run -` reads. */
export interface RunDocuments {
  readonly sandbox: RuntimeConfig;
  readonly network: PodNetwork;
  readonly runtime: RuntimeSettings;
  readonly apps: Readonly<Record<AcName, RuntimeConfig>>;
}

/** runtime.json: how this run of the pod behaves. */
export interface RuntimeSettings {
  /** The app gets a terminal. */
  readonly interactive: boolean;
  readonly debug: boolean;
  /** How long apps have after SIGTERM before SIGKILL. */
  readonly graceMs: number;
  /** When the pod ends: as soon as an app fails, and when all have ended. */
  readonly exitOn: 'first-failure';
}

export const GRACE_MS = 10_000;
