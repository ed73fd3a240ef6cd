import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lock } from '../../linux/lock.ts';
import { parseSubordinateIds } from '../../linux/subordinate-ids.ts';
import { hasCode } from '../../linux/system-error.ts';
import { listUuids } from '../pod/directory.ts';
import { openPod, type Pod } from '../pod/open.ts';
import { POD_DIRECTORIES } from '../pod/state.ts';
import { chooseRange } from './choose-range.ts';
import type { IdRange, PrivateUsers } from './private-users.ts';
import { readPrivateUsers, writePrivateUsers } from './private-users-file.ts';

/** Gives a pod that is being prepared a range of ids that no other pod has, and no user of this host. It has it until it is removed. */
export function allocateRange(dataDirectory: string, pod: Pod, idmapped: boolean): PrivateUsers {
  using _oneAtATime = lock(join(dataDirectory, 'pods/prepare'), 'exclusive');
  const range = chooseRange(pod.uuid, [...rangesOfPods(dataDirectory), ...rangesOfUsers()]);
  const users = { range, idmapped };
  writePrivateUsers(pod.files, users);
  return users;
}

/** Pods that are thrown away still count: their files may be there. */
function rangesOfPods(dataDirectory: string): readonly IdRange[] {
  return listUuids(dataDirectory, POD_DIRECTORIES).flatMap((uuid) => {
    using pod = openPod(dataDirectory, uuid, 'shared');
    const users = pod && readWhatIsThere(pod);
    return users === undefined ? [] : [users.range];
  });
}

/** A pod whose file is broken cannot be run, so it has no ids. */
function readWhatIsThere({ files }: Pod): PrivateUsers | undefined {
  try {
    return readPrivateUsers(files);
  } catch (error) {
    if (hasCode(error, 'ERR_DECODE', 'ENOTDIR', 'ELOOP')) return undefined;
    throw error;
  }
}

/** Also those of gids: one range of a pod is for both. */
function rangesOfUsers(): readonly IdRange[] {
  return ['/etc/subuid', '/etc/subgid'].flatMap((path) => parseSubordinateIds(readIfThere(path)));
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  }
}
