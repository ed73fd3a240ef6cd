import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../linux/system-error.ts';

/** The first of these directories' files of that name that may be executed. */
export function findProgram(name: string, directories: readonly string[]): string | undefined {
  return directories.map((directory) => join(directory, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EACCES', 'ENOTDIR', 'ELOOP')) return false;
    throw error;
  }
}
