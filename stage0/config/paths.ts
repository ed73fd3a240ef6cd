import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { absolutePath } from '../../schema/c-string.ts';
import { type Infer, object, oneOf, optional } from '../../schema/decode.ts';
import { decodeJson } from '../../schema/json.ts';
import { configFiles } from './config-files.ts';

/** Directories an administrator chose (rkt's configuration kind `paths`, version v1). */
export interface PathsConfig {
  readonly data?: string;
  readonly 'stage1-images'?: string;
}

/** Two files of one directory that say the same thing. */
export class DuplicatePathError extends Error {
  readonly code = 'ERR_CONFIG_DUPLICATE';

  constructor(file: string, key: string) {
    super(`read ${file}: ${key} is already specified in the same directory`);
    this.name = 'DuplicatePathError';
  }
}

const pathsFile = object({
  rktKind: oneOf('paths'),
  rktVersion: oneOf('v1'),
  data: optional(absolutePath),
  'stage1-images': optional(absolutePath),
});

type PathsFile = Infer<typeof pathsFile>;

const KEYS = ['data', 'stage1-images'] as const;

/**
 * Reads `paths.d/*.json` of the system's, the local and the user's configuration directories: what a later directory says
 * replaces what an earlier one says. Directories that do not exist are skipped; a bad file is an error that names it.
 */
export function loadPathsConfig(configDirectories: readonly string[]): PathsConfig {
  return Object.assign(
    {},
    ...configDirectories.map((directory) => readDirectory(join(directory, 'paths.d'))),
  );
}

function readDirectory(directory: string): PathsConfig {
  const merged: { -readonly [K in keyof PathsConfig]: PathsConfig[K] } = {};
  for (const path of configFiles(directory, '.json')) {
    const file: PathsFile = decodeJson(readFileSync(path), pathsFile, { what: path, maxBytes: 1 << 20 });
    for (const key of KEYS) {
      const value = file[key];
      if (value === undefined) continue;
      if (merged[key] !== undefined) throw new DuplicatePathError(path, key);
      merged[key] = value;
    }
  }
  return merged;
}
