import { readFileSync } from 'node:fs';
import type { Uuid } from '../../schema/uuid.ts';
import { resolveUuid } from '../../stage0/pod/find.ts';
import { type Flags, UsageError } from '../flag.ts';

export const UUID_FILE_FLAG = {
  'uuid-file': { kind: 'string', value: 'FILE', describe: "read the pod's UUID from this file" },
} as const satisfies Flags;

/** The pods that the words or `--uuid-file` name, as the user wrote them. */
export function namedPods(words: readonly string[], uuidFile: string | undefined): readonly string[] {
  if (uuidFile === undefined && words.length > 0) return words;
  if (uuidFile !== undefined && words.length === 0) return [readFileSync(uuidFile, 'utf8').trim()];
  throw new UsageError('expected the UUID of a pod, or --uuid-file');
}

/** The one pod that the words or `--uuid-file` name. */
export function namedPod(
  words: readonly string[],
  uuidFile: string | undefined,
  dataDirectory: string,
): Uuid {
  const [text = '', ...others] = namedPods(words, uuidFile);
  if (others.length > 0) throw new UsageError(`expected one UUID, got ${others.length + 1}`);
  return resolveUuid(dataDirectory, text);
}
