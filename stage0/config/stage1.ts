import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nonEmpty } from '../../schema/c-string.ts';
import { type Infer, matching, object, oneOf, optional, refine } from '../../schema/decode.ts';
import { DecodeError } from '../../schema/decode-error.ts';
import { decodeJson } from '../../schema/json.ts';
import { configFiles } from './config-files.ts';

/** The stage1 an administrator chose (rkt's configuration kind `stage1`, version v1). */
export type Stage1Config = Omit<Infer<typeof stage1File>, 'rktKind' | 'rktVersion'>;

/** Two files of one directory that choose a stage1. */
export class DuplicateStage1Error extends Error {
  readonly code = 'ERR_CONFIG_DUPLICATE';
}

const location = matching(/^(\/|file:\/\/|https?:\/\/|docker:\/\/)/, 'an absolute path or a URL');

const stage1File = refine(
  object({
    rktKind: oneOf('stage1'),
    rktVersion: oneOf('v1'),
    name: optional(nonEmpty),
    version: optional(nonEmpty),
    location: optional(location),
  }),
  (file, at) => {
    if ((file.name === undefined) !== (file.version === undefined))
      throw new DecodeError(at, 'name and version are given together, or neither');
    return file;
  },
);

/**
 * Reads `stage1.d/*.json` of the configuration directories: the last that says something counts, field by field. `check` may refuse a
 * file before it is read.
 */
export function loadStage1Config(
  configDirectories: readonly string[],
  check: (file: string) => void = () => {},
): Stage1Config {
  return Object.assign({}, ...configDirectories.map((each) => readDirectory(join(each, 'stage1.d'), check)));
}

function readDirectory(directory: string, check: (file: string) => void): Stage1Config {
  const [first, second] = configFiles(directory, '.json');
  if (first === undefined) return {};
  if (second !== undefined)
    throw new DuplicateStage1Error(`read ${second}: a stage1 is already specified in the same directory`);
  check(first);
  const file = decodeJson(readFileSync(first), stage1File, { what: first, maxBytes: 1 << 20 });
  const { rktKind: _kind, rktVersion: _version, ...config } = file;
  return config;
}
