import { show } from '../../schema/decode-error.ts';
import { type KeyListEntry, listKeys } from '../../trust/keystore/list.ts';
import type { KeySlot } from '../../trust/keystore/write.ts';
import { cosignKeys, type KeyStore, openpgpKeys } from '../../trust/keystore.ts';
import { type Fingerprint, parseFingerprint } from '../../trust/openpgp/fingerprint.ts';
import { TrustError } from '../../trust/trust-error.ts';
import { UsageError } from '../flag.ts';

/** The one fingerprint that the words are, as people write them: `1234 5678 …`, in either case. */
export function namedFingerprint(words: readonly string[]): Fingerprint {
  if (words.length === 0) throw new UsageError('expected the fingerprint of a key');
  const fingerprint = parseFingerprint(words.join(' '));
  if (fingerprint !== undefined) return fingerprint;
  throw new UsageError(
    `expected the fingerprint of a key, 40 or 64 hex digits, got ${show(words.join(' '))}`,
  );
}

/** What the key store has of a key, by the fingerprint of its primary key or of a subkey. */
export async function entriesOf(store: KeyStore, fingerprint: Fingerprint): Promise<readonly KeyListEntry[]> {
  const { keys } = await listKeys(store);
  return keys.filter((key) => key.fingerprint === fingerprint || key.subkeys.includes(fingerprint));
}

export function unknownKey(fingerprint: Fingerprint): TrustError {
  return new TrustError('ERR_KEY_UNKNOWN', `key ${fingerprint}: the key store does not have it`);
}

/** The place of a key in a scope. Fingerprints of 64 digits are those of cosign keys, if no OpenPGP key has them. */
export async function slotOf(store: KeyStore, scope: string, fingerprint: Fingerprint): Promise<KeySlot> {
  const [known] = await entriesOf(store, fingerprint);
  const isCosign = known === undefined ? fingerprint.length === 64 : known.kind === 'cosign';
  return { kind: isCosign ? cosignKeys : openpgpKeys, scope, fingerprint };
}
