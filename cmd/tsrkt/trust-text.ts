import type { KeyListEntry } from '../../trust/keystore/list.ts';
import { safeText } from '../safe-text.ts';

export const KEY_TITLES: readonly string[] = [
  'PREFIX',
  'FINGERPRINT',
  'IDENTITY',
  'ALGORITHM',
  'CREATED',
  'EXPIRES',
  'ORIGIN',
  'STATE',
];

/** A row of `tsrkt trust list` for each key; further identities of a key stand in rows of their own. */
export function keyRows(keys: readonly KeyListEntry[]): readonly (readonly string[])[] {
  return keys.flatMap((key) => {
    const [identity = '-', ...others] = key.identities;
    const { scope, fingerprint, algorithm, origin, state } = key;
    const dates = [day(key.created), key.expires === undefined ? 'never' : day(key.expires)];
    const first = [
      scope === '' ? '(root)' : scope,
      fingerprint,
      identity,
      algorithm,
      ...dates,
      origin,
      state,
    ];
    return [first, ...others.map((other) => ['', '', other])].map((row) => row.map(safeText));
  });
}

/** A key as `--format=json` shows it; `prefix` is empty for keys of every name. */
export function keyJson({ scope, created, expires, ...others }: KeyListEntry) {
  return {
    prefix: scope,
    ...others,
    ...(created === undefined ? {} : { created: created.toISOString() }),
    ...(expires === undefined ? {} : { expires: expires.toISOString() }),
  };
}

/** What no PEM key knows: `-`. */
function day(date: Date | undefined): string {
  return date === undefined ? '-' : date.toISOString().slice(0, 10);
}
