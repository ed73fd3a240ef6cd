import { join } from 'node:path';
import type { Uuid } from '../../schema/uuid.ts';
import { affectedBy } from '../../trust/affected-by.ts';
import { listUuids } from '../pod/directory.ts';
import { openPod, type Pod } from '../pod/open.ts';
import { readPodManifest } from '../pod/read.ts';
import { type AppTrust, readAppTrust } from './app-trust.ts';

/** A pod that an image runs in, or is to run in, which a key helped in. */
export interface AffectedPod {
  readonly uuid: Uuid;
  readonly state: 'running' | 'prepared';
  readonly apps: readonly string[];
}

/** The running and the prepared pods with such images. Of a broken pod, what can be read. */
export function affectedPods(dataDirectory: string, fingerprint: string): readonly AffectedPod[] {
  return listUuids(dataDirectory, ['run', 'prepared']).flatMap((uuid): AffectedPod[] => {
    using pod = openPod(dataDirectory, uuid, 'shared');
    if (pod?.state !== 'running' && pod?.state !== 'prepared') return [];
    const apps = affectedBy(fingerprint, decidedApps(pod)).map(({ name }) => name);
    return apps.length === 0 ? [] : [{ uuid, state: pod.state, apps }];
  });
}

function decidedApps(pod: Pod) {
  const apps = attempt(() => readPodManifest(pod)?.apps) ?? [];
  return apps.flatMap(({ name }) => {
    const trust: AppTrust | undefined = attempt(() => readAppTrust(join(pod.files, 'apps', name)));
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
