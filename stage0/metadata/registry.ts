import { acName } from '../../schema/ac-name.ts';
import { annotations } from '../../schema/annotation.ts';
import { type Infer, matching, object, optional, record } from '../../schema/decode.ts';
import { imageId } from '../../schema/image-id.ts';
import { imageManifest } from '../../schema/image-manifest.ts';
import { podManifest } from '../../schema/pod-manifest.ts';
import type { Uuid } from '../../schema/uuid.ts';

/** What a pod is registered with: enough to answer all that its apps may ask. */
export type Registration = Infer<typeof registration>;
export type RegisteredApp = Infer<typeof registeredApp>;

const registeredApp = object({ id: imageId, manifest: imageManifest, annotations: optional(annotations) });

/** A token is the pod's only proof of who it is: 128 bits that cannot be guessed. */
export const token = matching(/^[0-9a-f]{32}$/, 'a token of 32 hexadecimal digits');

export const registration = object({ token, manifest: podManifest, apps: record(registeredApp, acName) });

export interface RegisteredPod extends Registration {
  readonly uuid: Uuid;
}

/** Where registrations outlive the service. */
export interface RegistrationFiles {
  /** Has a registration, as it was received, on the disk before it returns. */
  readonly save: (uuid: Uuid, received: Buffer) => void;
  readonly forget: (uuid: Uuid) => void;
}

/** The pods that are registered. */
export interface Registry {
  /** Registers a pod, in the place of what it was registered with before. */
  readonly add: (pod: RegisteredPod, received: Buffer) => void;
  readonly remove: (uuid: Uuid) => void;
  /** Forgets those that are not wanted any more. */
  readonly sweep: (isWanted: (uuid: Uuid) => boolean) => void;
  readonly byToken: (token: string) => RegisteredPod | undefined;
}

/** A registry that begins with these pods. */
export function makeRegistry(known: readonly RegisteredPod[], files: RegistrationFiles): Registry {
  const pods = new Map(known.map((pod) => [pod.uuid, pod]));
  const remove = (uuid: Uuid) => {
    if (pods.delete(uuid)) files.forget(uuid);
  };
  return {
    add(pod, received) {
      files.save(pod.uuid, received);
      pods.set(pod.uuid, pod);
    },
    remove,
    sweep: (isWanted) => [...pods.keys()].filter((uuid) => !isWanted(uuid)).forEach(remove),
    byToken: (wanted) => [...pods.values()].find((pod) => pod.token === wanted),
  };
}
