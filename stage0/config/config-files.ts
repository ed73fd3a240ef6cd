import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../linux/system-error.ts';

/**
 * The files of a configuration directory whose names end so, by name. Regular files directly in it: no links, no
 * subdirectories (rkt's rule). None when there is no such directory.
 */
export function configFiles(directory: string, ...endings: readonly string[]): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
      .map((entry) => join(directory, entry.name))
      .sort();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
