import type { PodManifest } from '../schema/pod-manifest.ts';
import type { Uuid } from '../schema/uuid.ts';
import { PodNotFoundError } from './pod/find.ts';
import { openPod } from './pod/open.ts';
import { readPodManifest } from './pod/read.ts';

/** The appc manifest of a pod; throws where it has none (yet), or none that can be read. */
export function podManifestOf(dataDirectory: string, uuid: Uuid): PodManifest {
  using pod = openPod(dataDirectory, uuid, 'shared');
  const manifest = pod === undefined ? undefined : readPodManifest(pod);
  if (manifest !== undefined) return manifest;
  throw new PodNotFoundError(`pod ${JSON.stringify(uuid)} has no manifest yet`);
}
