import type { Uuid } from '../../schema/uuid.ts';
import { listUuids } from './directory.ts';
import { VISIBLE_DIRECTORIES } from './state.ts';

/** A pod that was asked for and cannot be found. */
export class PodNotFoundError extends Error {
  readonly code = 'ERR_POD_NOT_FOUND';
}

/** The UUID that `text` means: any prefix that fits exactly one pod, in upper or lower case. */
export function resolveUuid(dataDirectory: string, text: string): Uuid {
  return chooseUuid(text, listUuids(dataDirectory, VISIBLE_DIRECTORIES));
}

/** Which of `uuids` starts with `text`. */
export function chooseUuid(text: string, uuids: readonly Uuid[]): Uuid {
  if (text === '') throw new PodNotFoundError('UUID cannot be empty');
  const prefix = text.toLowerCase();
  const [first, ...others] = uuids.filter((uuid) => uuid.startsWith(prefix));
  if (first === undefined) throw new PodNotFoundError(`no matches found for ${JSON.stringify(text)}`);
  if (others.length > 0) throw new PodNotFoundError(`ambiguous uuid, ${others.length + 1} matches`);
  return first;
}
