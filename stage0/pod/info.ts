import type { ImageId } from '../../schema/image-id.ts';
import type { NetInfo } from '../../schema/pod-files.ts';
import type { Uuid } from '../../schema/uuid.ts';
import type { PortMapping } from '../network/map-ports.ts';
import type { PodState } from './state.ts';

/** Nanoseconds since 1970, as file systems count. */
export type Nanoseconds = bigint;

/** What can be read of a pod. What cannot is undefined or empty, and says so in `problems`. */
export interface PodInfo {
  readonly uuid: Uuid;
  readonly state: PodState;
  readonly createdAt: Nanoseconds | undefined;
  /** Undefined: never started. */
  readonly startedAt: Nanoseconds | undefined;
  readonly apps: readonly AppInfo[];
  /** Only while it runs or after it ran. */
  readonly networks: NetInfo;
  /** What of the host is forwarded to it, likewise. */
  readonly ports: readonly PortMapping[];
  /** Its pid 1, on the host. */
  readonly pid: number | undefined;
  /** Every app was started. */
  readonly isReady: boolean;
  readonly userAnnotations: Readonly<Record<string, string>>;
  readonly userLabels: Readonly<Record<string, string>>;
  readonly problems: readonly Error[];
}

export type AppState = 'unknown' | 'created' | 'running' | 'exited';

export interface AppInfo {
  readonly name: string;
  readonly state: AppState;
  readonly imageId: ImageId;
  /** `name:version`; undefined where the pod does not say. */
  readonly imageName: string | undefined;
  /** Why it runs although nobody vouches for its image; undefined: somebody does. */
  readonly unverified: string | undefined;
  readonly createdAt: Nanoseconds | undefined;
  readonly startedAt: Nanoseconds | undefined;
  readonly finishedAt: Nanoseconds | undefined;
  /** 128+N for signal N. */
  readonly exitCode: number | undefined;
  readonly userAnnotations: Readonly<Record<string, string>>;
  readonly userLabels: Readonly<Record<string, string>>;
}
