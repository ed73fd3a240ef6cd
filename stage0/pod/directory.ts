import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../linux/system-error.ts';
import { isUuid, type Uuid } from '../../schema/uuid.ts';
import { POD_DIRECTORIES, type PodDirectory } from './state.ts';

/** The path of a pod that is in this directory. */
export function podPath(dataDirectory: string, directory: PodDirectory, uuid: Uuid): string {
  return join(dataDirectory, 'pods', directory, uuid);
}

/** Makes the directories pods move through; fine when they are there. */
export function makePodDirectories(dataDirectory: string): void {
  if (existsSync(join(dataDirectory, 'pods', LAST_MADE))) return;
  for (const directory of POD_DIRECTORIES)
    mkdirSync(join(dataDirectory, 'pods', directory), { recursive: true, mode: 0o750 });
}

const LAST_MADE: PodDirectory = 'garbage';

/** The pods in these directories, sorted. What is not named as a pod is left alone. */
export function listUuids(dataDirectory: string, directories: readonly PodDirectory[]): readonly Uuid[] {
  const names = directories.flatMap((directory) => namesIn(join(dataDirectory, 'pods', directory)));
  return [...new Set(names.filter(isUuid))].sort();
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
