import { listUuids } from './pod/directory.ts';
import type { PodInfo } from './pod/info.ts';
import { openPod } from './pod/open.ts';
import { readPod } from './pod/read.ts';
import { VISIBLE_DIRECTORIES } from './pod/state.ts';

/** All pods but those not yet born and those being thrown away, by UUID. One that vanishes meanwhile is left out. */
export function listPods(dataDirectory: string): readonly PodInfo[] {
  return listUuids(dataDirectory, VISIBLE_DIRECTORIES).flatMap((uuid) => {
    using pod = openPod(dataDirectory, uuid, 'shared');
    return pod === undefined || pod.directory === 'garbage' ? [] : [readPod(pod)];
  });
}
