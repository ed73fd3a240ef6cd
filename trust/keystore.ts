import { dirname, join } from 'node:path';
import { type CosignKey, parseCosignKey } from './cosign/key.ts';
import { filesBelow, type KeyFile, keyFilesIn } from './keystore/key-file.ts';
import { type OpenpgpKey, parseKeys } from './openpgp/key.ts';
import { TrustError } from './trust-error.ts';
import { isName, nameComponents, prefixesOf } from './trust-name.ts';

/** Where a key comes from: the distribution, or this machine's administrator (for an ordinary user: this user). */
export type KeyOrigin = 'system' | 'local';

/**
 * One `trustedkeys` directory. rkt's can be used as they are:
 *
 *     root.d/FINGERPRINT                     an OpenPGP key for every name
 *     prefix.d/example.com/team/FINGERPRINT  one for names under example.com/team
 *     cosign-root.d/, cosign-prefix.d/…      the same for PEM public keys, named by the SHA-256 of their DER
 *     revoked.d/FINGERPRINT                  an empty file: this key counts nowhere
 */
export interface KeyStoreLayer {
  readonly origin: KeyOrigin;
  readonly directory: string;
}

/** Directories of trusted keys, a later one above the earlier ones: system, local. */
export type KeyStore = readonly KeyStoreLayer[];

/** Where a trusted key was found. */
export interface KeyPlace {
  readonly origin: KeyOrigin;
  /** The prefix it is trusted for; '' is every name (`root.d`). */
  readonly scope: string;
  readonly path: string;
}
export type Placed<K> = K & KeyPlace;

/** The keys that may sign images of one name, and what is wrong with files of the store. */
export interface TrustedKeys {
  readonly openpgp: readonly Placed<OpenpgpKey>[];
  readonly cosign: readonly Placed<CosignKey>[];
  /** Fingerprints `trust revoke` took all trust from; those of subkeys count, too. */
  readonly revoked: ReadonlySet<string>;
  readonly problems: readonly TrustError[];
}

/** A kind of key, and where its files live in a layer. rkt reads `root.d` and `prefix.d` only, so others are beside them. */
export interface KeyKind<K extends { readonly fingerprint: string }> {
  readonly root: string;
  readonly prefix: string;
  parse(bytes: Uint8Array, what: string): Promise<readonly K[]>;
}

export const openpgpKeys: KeyKind<OpenpgpKey> = { root: 'root.d', prefix: 'prefix.d', parse: parseKeys };

export const cosignKeys: KeyKind<CosignKey> = {
  root: 'cosign-root.d',
  prefix: 'cosign-prefix.d',
  parse: async (bytes, what) => [parseCosignKey(bytes, what)],
};

/** Keys that count nowhere, whatever else the store says: `trust revoke` puts an empty file there. */
export const REVOKED_DIRECTORY = 'revoked.d';

/** The keys trusted for images named `name`. */
export async function keysFor(store: KeyStore, name: string): Promise<TrustedKeys> {
  const scopes = ['', ...prefixesOf(name)];
  const revoked = revokedFingerprints(store);
  const openpgp = await effectiveKeys(store, openpgpKeys, scopes, revoked);
  const cosign = await effectiveKeys(store, cosignKeys, scopes, revoked);
  return {
    revoked,
    openpgp: openpgp.keys,
    cosign: cosign.keys,
    problems: [...openpgp.problems, ...cosign.problems],
  };
}

/**
 * The keys trusted for any name at all. For an image whose name stands in its manifest only: whatever has no good signature by
 * one of these needs not be opened. Who may sign it is decided when the name is known.
 */
export async function keysForSomeName(store: KeyStore): Promise<readonly OpenpgpKey[]> {
  const scopes = ['', ...scopesOf(store, openpgpKeys)];
  const all = await Promise.all(scopes.map((scope) => effectiveKeys(store, openpgpKeys, scopesAbove(scope))));
  return all.flatMap(({ keys }) => keys);
}

/** '' and the prefixes down to `scope`. */
export function scopesAbove(scope: string): readonly string[] {
  return scope === '' ? [''] : ['', ...prefixesOf(scope)];
}

/** Every prefix that has a file in some layer. */
export function scopesOf(store: KeyStore, kind: Pick<KeyKind<never>, 'prefix'>): readonly string[] {
  const prefixes = store.flatMap(({ directory }) => filesBelow(join(directory, kind.prefix)).map(dirname));
  return [...new Set(prefixes.filter(isName))];
}

/** Whether any key is trusted for `prefix` or one above it in particular; keys for every name do not count (as in rkt). */
export async function hasKeysFor(store: KeyStore, prefix: string): Promise<boolean> {
  const { keys } = await effectiveKeys(store, openpgpKeys, prefixesOf(prefix));
  return keys.length > 0;
}

/** The directory of a layer that holds keys of a kind for a scope. */
export function keyDirectory(
  { directory }: KeyStoreLayer,
  kind: Pick<KeyKind<never>, 'root' | 'prefix'>,
  scope: string,
): string {
  return scope === '' ? join(directory, kind.root) : join(directory, kind.prefix, ...nameComponents(scope));
}

/**
 * Reads scopes in rkt's order: every layer's root keys, then layer by layer the prefixes from short to long. A later file
 * replaces an earlier one of the same key, an empty one takes the key away.
 */
export async function effectiveKeys<K extends { readonly fingerprint: string }>(
  store: KeyStore,
  kind: KeyKind<K>,
  scopes: readonly string[],
  revoked: ReadonlySet<string> = revokedFingerprints(store),
): Promise<{ readonly keys: readonly Placed<K>[]; readonly problems: readonly TrustError[] }> {
  const keys = new Map<string, Placed<K>>();
  const problems: TrustError[] = [];
  for (const { file, place } of filesInOrder(store, kind, scopes)) {
    keys.delete(file.name);
    const found = await keysIn(file, kind).catch((error) => {
      if (!(error instanceof TrustError)) throw error;
      problems.push(error);
      return [];
    });
    for (const key of found) keys.set(key.fingerprint, { ...key, ...place });
  }
  for (const fingerprint of revoked) keys.delete(fingerprint);
  return { keys: [...keys.values()], problems };
}

function filesInOrder(
  store: KeyStore,
  kind: Pick<KeyKind<never>, 'root' | 'prefix'>,
  scopes: readonly string[],
): readonly { readonly file: KeyFile; readonly place: KeyPlace }[] {
  const all = store.flatMap((layer) => scopes.map((scope) => ({ layer, scope })));
  const roots = all.filter(({ scope }) => scope === '');
  const prefixes = all.filter(({ scope }) => scope !== '');
  return [...roots, ...prefixes].flatMap(({ layer, scope }) =>
    keyFilesIn(keyDirectory(layer, kind, scope)).map((file) => ({
      file,
      place: { origin: layer.origin, scope, path: file.path },
    })),
  );
}

/** The keys of a file: none if it is a mask. Its name has to be the fingerprint of its (first) key. */
async function keysIn<K extends { readonly fingerprint: string }>(
  { path, name, content, problem }: KeyFile,
  { parse }: KeyKind<K>,
): Promise<readonly K[]> {
  if (problem !== undefined) throw problem;
  if (content === undefined) return [];
  const keys = await parse(content, `key file ${path}`);
  const fingerprint = String(keys[0]?.fingerprint);
  if (fingerprint !== name)
    throw new TrustError(
      'ERR_KEY_FINGERPRINT',
      `read key file ${path}: its name is not the fingerprint of its key, ${fingerprint}`,
      `rename it to ${fingerprint} if that is the key you trust`,
    );
  return keys;
}

/** The fingerprints of keys that are revoked here. */
export function revokedFingerprints(store: KeyStore): ReadonlySet<string> {
  const files = store.flatMap(({ directory }) => keyFilesIn(join(directory, REVOKED_DIRECTORY)));
  return new Set(files.map(({ name }) => name));
}
