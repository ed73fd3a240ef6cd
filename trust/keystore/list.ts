import type { CosignKey } from '../cosign/key.ts';
import {
  cosignKeys,
  effectiveKeys,
  type KeyKind,
  type KeyPlace,
  type KeyStore,
  openpgpKeys,
  type Placed,
  revokedFingerprints,
  scopesAbove,
  scopesOf,
} from '../keystore.ts';
import type { OpenpgpKey } from '../openpgp/key.ts';
import { describeKey, type KeyDescription } from '../openpgp/key-description.ts';
import type { TrustError } from '../trust-error.ts';

/** One key of the store: a row of `tsrkt trust list`. */
export interface KeyListEntry extends KeyPlace {
  readonly kind: 'openpgp' | 'cosign';
  readonly fingerprint: string;
  readonly subkeys: readonly string[];
  readonly identities: readonly string[];
  readonly algorithm: string;
  readonly created?: Date;
  readonly expires?: Date;
  /** `masked`: by an empty file above it. `revoked`: by the key itself, or by `trust revoke`. */
  readonly state: KeyDescription['state'] | 'masked';
}

/** Every key of the store with what becomes of it, ordered by prefix, and the files that cannot be used. */
export async function listKeys(
  store: KeyStore,
  now = new Date(),
): Promise<{ readonly keys: readonly KeyListEntry[]; readonly problems: readonly TrustError[] }> {
  const openpgp = await listKind(store, openpgpKeys, (key) => openpgpEntry(key, now));
  const cosign = await listKind(store, cosignKeys, async (key) => cosignEntry(key));
  const keys = [...openpgp.keys, ...cosign.keys];
  return {
    keys: keys.toSorted((a, b) => compare(a.scope, b.scope) || compare(a.path, b.path)),
    problems: [...openpgp.problems, ...cosign.problems],
  };
}

async function listKind<K extends { readonly fingerprint: string }>(
  store: KeyStore,
  kind: KeyKind<K>,
  describe: (key: Placed<K>) => Promise<KeyListEntry>,
): Promise<{ readonly keys: readonly KeyListEntry[]; readonly problems: readonly TrustError[] }> {
  const revoked = revokedFingerprints(store);
  const keys: KeyListEntry[] = [];
  const problems: TrustError[] = [];
  for (const scope of ['', ...scopesOf(store, kind)]) {
    const effective = new Set(
      (await effectiveKeys(store, kind, scopesAbove(scope))).keys.map((key) => key.fingerprint),
    );
    for (const layer of store) {
      const alone = await effectiveKeys([{ ...layer }], kind, [scope], new Set());
      problems.push(...alone.problems);
      for (const key of alone.keys) {
        const entry = await describe(key);
        keys.push({ ...entry, state: stateInStore(entry, { effective, revoked }) });
      }
    }
  }
  return { keys, problems };
}

function stateInStore(
  { fingerprint, state }: KeyListEntry,
  { effective, revoked }: { readonly effective: ReadonlySet<string>; readonly revoked: ReadonlySet<string> },
): KeyListEntry['state'] {
  if (revoked.has(fingerprint)) return 'revoked';
  return effective.has(fingerprint) ? state : 'masked';
}

async function openpgpEntry(key: Placed<OpenpgpKey>, now: Date): Promise<KeyListEntry> {
  const { origin, scope, path } = key;
  return { kind: 'openpgp', origin, scope, path, ...(await describeKey(key, now)) };
}

function cosignEntry({ origin, scope, path, fingerprint, algorithm }: Placed<CosignKey>): KeyListEntry {
  const facts = { subkeys: [], identities: [], algorithm, state: 'good' } as const;
  return { kind: 'cosign', origin, scope, path, fingerprint, ...facts };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
