import { acName } from '../../schema/ac-name.ts';
import { annotations } from '../../schema/annotation.ts';
import { type Infer, matching, object, optional, record } from '../../schema/decode.ts';
import { imageId } from '../../schema/image-id.ts';
import { imageManifest } from '../../schema/image-manifest.ts';
import { podManifest } from '../../schema/pod-manifest.ts';

/** What a pod is registered with: enough to answer all that its apps may ask. */
export type Registration = Infer<typeof registration>;
export type RegisteredApp = Infer<typeof registeredApp>;

const registeredApp = object({ id: imageId, manifest: imageManifest, annotations: optional(annotations) });

/** A token is the pod's only proof of who it is: 128 bits that cannot be guessed. */
export const token = matching(/^[0-9a-f]{32}$/, 'a token of 32 hexadecimal digits');

export const registration = object({ token, manifest: podManifest, apps: record(registeredApp, acName) });

export interface RegisteredPod extends Registration {
  readonly uuid: string;
}

/** The pods that are registered, in memory alone: they register again when they run again. */
export interface Registry {
  add(pod: RegisteredPod): void;
  remove(uuid: string): void;
  byToken(token: string): RegisteredPod | undefined;
  has(uuid: string): boolean;
}

export function makeRegistry(): Registry {
  const pods = new Map<string, RegisteredPod>();
  return {
    add: (pod) => void pods.set(pod.uuid, pod),
    remove: (uuid) => void pods.delete(uuid),
    byToken: (wanted) => [...pods.values()].find((pod) => pod.token === wanted),
    has: (uuid) => pods.has(uuid),
  };
}
