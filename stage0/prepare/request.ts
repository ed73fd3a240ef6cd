import type { AcName } from '../../schema/ac-name.ts';
import type { Annotations } from '../../schema/annotation.ts';
import type { ImageId } from '../../schema/image-id.ts';
import type { ImageManifest } from '../../schema/image-manifest.ts';
import type { Isolator } from '../../schema/isolator.ts';
import type { AppMount } from '../../schema/pod-manifest.ts';
import type { Environment } from '../runtime-config/environment.ts';

/** What the user asks of one app, beside what its image says. Undefined: the image decides. */
export interface AppRequest {
  readonly name: AcName | undefined;
  /** Takes the place of the image's whole `exec`. */
  readonly exec: string | undefined;
  /** Appended to `exec`, whosever it is. */
  readonly args: readonly string[];
  readonly user: string | undefined;
  readonly group: string | undefined;
  readonly supplementaryGids: readonly number[] | undefined;
  readonly workingDirectory: string | undefined;
  readonly readOnlyRootFs: boolean;
  readonly environment: Environment;
  /** Each takes the place of all of its kind in the image. */
  readonly isolators: readonly Isolator[];
  readonly mounts: readonly AppMount[];
  readonly annotations: Annotations;
  readonly userAnnotations: Readonly<Record<string, string>>;
  readonly userLabels: Readonly<Record<string, string>>;
}

/** What the user asks of all apps of a pod. */
export interface PodEnvironment {
  /** `--set-env-file`, in order. */
  readonly fromFiles: Environment;
  /** `--set-env`. */
  readonly set: Environment;
  /** What `--inherit-env` adds for variables nobody else sets. */
  readonly inherited: Environment;
}

/** An image of the pod and what is asked of its app. */
export interface ImageOfPod {
  readonly id: ImageId;
  readonly manifest: ImageManifest;
  readonly request: AppRequest;
  /** Why it runs although nobody vouches for it; undefined: somebody does. */
  readonly unverified: string | undefined;
}
