import { DEFAULT_BLACKLIST } from './blacklist.ts';
import { SYSTEMD_GROUPS } from './systemd-groups.ts';

/** A set or an errno that does not exist. */
export class SeccompSetError extends Error {
  readonly code = 'ERR_SECCOMP_SET';
}

/** What the entries of an isolator's set come to. */
export interface CallSet {
  /** `@appc.io/all`: every call there is. */
  readonly everything: boolean;
  /** A default whitelist, whose calls depend on the app and have conditions of their own. */
  readonly defaults: boolean;
  /** Calls by name, without conditions. */
  readonly names: ReadonlySet<string>;
}

/**
 * Resolves the `@`-names in a set: `@rkt/` and `@docker/default-whitelist`, `default-blacklist`; `@systemd/GROUP`;
 * `@appc.io/all` and `@appc.io/empty`. A name nobody knows is an error (rkt passed over it in silence).
 */
export function resolveSet(entries: readonly string[]): CallSet {
  return {
    everything: entries.includes('@appc.io/all'),
    defaults: entries.some((entry) => WHITELISTS.includes(entry)),
    names: new Set(entries.flatMap(namesOf)),
  };
}

const WHITELISTS = ['@rkt/default-whitelist', '@docker/default-whitelist'];
const BLACKLISTS = ['@rkt/default-blacklist', '@docker/default-blacklist'];
const NAMELESS = [...WHITELISTS, '@appc.io/all', '@appc.io/empty'];

function namesOf(entry: string): readonly string[] {
  if (!entry.startsWith('@')) return [entry];
  if (NAMELESS.includes(entry)) return [];
  if (BLACKLISTS.includes(entry)) return DEFAULT_BLACKLIST;
  const group = entry.startsWith('@systemd/') ? systemdGroup(entry.slice('@systemd/'.length)) : undefined;
  if (group === undefined)
    throw new SeccompSetError(`filter system calls: there is no set ${JSON.stringify(entry)}`);
  return group;
}

/** The calls of a group of systemd; rkt called its `@default` `default-whitelist`. */
export function systemdGroup(name: string): readonly string[] | undefined {
  const key = name === 'default-whitelist' ? 'default' : name;
  if (!Object.hasOwn(SYSTEMD_GROUPS, key)) return undefined;
  const entries = SYSTEMD_GROUPS[key]?.trim().split(/\s+/) ?? [];
  return entries.flatMap((entry) => (entry.startsWith('@') ? (systemdGroup(entry.slice(1)) ?? []) : [entry]));
}
