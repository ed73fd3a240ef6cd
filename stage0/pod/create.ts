import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createFile } from '../../linux/durable-file.ts';
import { parseUuid } from '../../schema/uuid.ts';
import { makePodDirectories, podPath } from './directory.ts';
import { movePod } from './move.ts';
import { openPod, type Pod } from './open.ts';

/**
 * Makes an empty pod with a new UUID and leaves it, locked by us, in `prepare`. Its name appears in `embryo` before the lock
 * can be taken, and `gc` may sweep it away in between: then another one is made.
 */
export function createPod(dataDirectory: string): Pod {
  makePodDirectories(dataDirectory);
  for (;;) {
    const uuid = parseUuid(crypto.randomUUID());
    mkdirSync(podPath(dataDirectory, 'embryo', uuid), { mode: 0o750 });
    const pod = openPod(dataDirectory, uuid, 'exclusive');
    if (pod?.lock !== undefined && pod.directory === 'embryo') return bear(dataDirectory, pod);
    pod?.[Symbol.dispose]();
  }
}

/** The mtime of `pod-created` is the time of creation. */
function bear(dataDirectory: string, pod: Pod): Pod {
  createFile(join(pod.files, 'pod-created'), '', { sync: false });
  return movePod(dataDirectory, pod, 'prepare');
}
