import { readFileSync } from 'node:fs';
import type { Uuid } from '../../schema/uuid.ts';
import { resolveUuid } from '../../stage0/pod/find.ts';
import { type Flags, UsageError } from '../flag.ts';

export const UUID_FILE_FLAG = {
  'uuid-file': { kind: 'string', value: 'FILE', describe: "read the pod's UUID from this file" },
} as const satisfies Flags;

export const ONE_APP_FLAG = {
  app: { kind: 'string', value: 'NAME', describe: 'which app, where the pod has several' },
} as const satisfies Flags;

/** A `--uuid-file` that cannot be read. */
export class UuidFileError extends Error {
  readonly code = 'ERR_UUID_FILE';

  constructor(path: string, cause: NodeJS.ErrnoException) {
    super(`unable to resolve UUID from file ${JSON.stringify(path)}: ${cause.code}`, { cause });
  }
}

/** The pods that the words or `--uuid-file` name, as the user wrote them. */
export function namedPods(words: readonly string[], uuidFile: string | undefined): readonly string[] {
  if (uuidFile === undefined && words.length > 0) return words;
  if (uuidFile !== undefined && words.length === 0) return [readUuidFile(uuidFile)];
  throw new UsageError('expected the UUID of a pod, or --uuid-file');
}

function readUuidFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new UuidFileError(path, error as NodeJS.ErrnoException);
  }
}

/** The one pod that the words or `--uuid-file` name, as the user wrote it. */
export function onePod(words: readonly string[], uuidFile: string | undefined): string {
  const [text = '', ...others] = namedPods(words, uuidFile);
  if (others.length > 0) throw new UsageError(`expected one UUID, got ${others.length + 1}`);
  return text;
}

/** The same, found. */
export function namedPod(
  words: readonly string[],
  uuidFile: string | undefined,
  dataDirectory: string,
): Uuid {
  return resolveUuid(dataDirectory, onePod(words, uuidFile));
}
