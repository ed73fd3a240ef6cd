import { nameComponents } from '../../trust/trust-name.ts';
import { type Flags, type FlagValues, UsageError } from '../flag.ts';

/** Which names a key is trusted for. */
export const SCOPE_FLAGS = {
  prefix: { kind: 'string', value: 'NAME', describe: 'for images of this name and names below it' },
  root: { kind: 'boolean', describe: 'for images of every name' },
} as const satisfies Flags;

/** The prefix that the flags name, '' for every name; undefined if they name none. */
export function scopeOf({ prefix, root }: FlagValues<typeof SCOPE_FLAGS>): string | undefined {
  if (root && prefix !== undefined) throw new UsageError('--root and --prefix usage mutually exclusive');
  if (root) return '';
  if (prefix === undefined) return undefined;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(prefix)?.[1];
  if (scheme !== undefined) throw new UsageError(`--prefix must not contain a URL scheme, omit ${scheme}://`);
  return nameComponents(prefix).join('/');
}

/** The same, for commands that cannot do without. */
export function requiredScope(values: FlagValues<typeof SCOPE_FLAGS>): string {
  const scope = scopeOf(values);
  if (scope !== undefined) return scope;
  throw new UsageError(
    'aborting due to implicit unbounded trust (root domain): name a --prefix, or say --root',
  );
}
