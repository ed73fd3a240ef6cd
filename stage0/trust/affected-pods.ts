import { join } from 'node:path';
import type { Uuid } from '../../schema/uuid.ts';
import { affectedBy } from '../../trust/affected-by.ts';
import { listUuids } from '../pod/directory.ts';
import { openPod, type Pod } from '../pod/open.ts';
import { readPodManifest } from '../pod/read.ts';
import { IMAGE_DIRECTORY } from '../stage1/of-pod.ts';
import { type AppTrust, readAppTrust } from './app-trust.ts';

/** A pod that an image runs in, or is to run in, which a key helped in. */
export interface AffectedPod {
  readonly uuid: Uuid;
  readonly state: 'running' | 'prepared';
  /** Names of apps; `its stage1` where that came as an image. */
  readonly parts: readonly string[];
}

/** The running and the prepared pods with such images. Of a broken pod, what can be read. */
export function affectedPods(dataDirectory: string, fingerprint: string): readonly AffectedPod[] {
  return listUuids(dataDirectory, ['run', 'prepared']).flatMap((uuid): AffectedPod[] => {
    using pod = openPod(dataDirectory, uuid, 'shared');
    if (pod?.state !== 'running' && pod?.state !== 'prepared') return [];
    const parts = affectedBy(fingerprint, decidedParts(pod)).map(({ name }) => name);
    return parts.length === 0 ? [] : [{ uuid, state: pod.state, parts }];
  });
}

function decidedParts(pod: Pod) {
  const apps = attempt(() => readPodManifest(pod)?.apps) ?? [];
  const parts: readonly (readonly [string, string])[] = [
    ...apps.map(({ name }) => [name, join('apps', name)] as const),
    ['its stage1', IMAGE_DIRECTORY],
  ];
  return parts.flatMap(([name, directory]) => {
    const trust: AppTrust | undefined = attempt(() => readAppTrust(join(pod.files, directory)));
    return trust === undefined ? [] : [{ name, record: trust.decision }];
  });
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined; // `list` tells what is wrong with a pod
  }
}
