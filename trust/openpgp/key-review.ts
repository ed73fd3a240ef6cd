import { groupedFingerprint } from './fingerprint.ts';
import type { OpenpgpKey } from './key.ts';
import { describeKey } from './key-description.ts';

/**
 * The fingerprints and identities a person compares before trusting the keys of a file, in rkt's words; whatever speaks
 * against a key is said with it.
 */
export async function keyReview(keys: readonly OpenpgpKey[], now = new Date()): Promise<string> {
  const descriptions = await Promise.all(keys.map((key) => describeKey(key, now)));
  const lines = descriptions.flatMap(({ fingerprint, subkeys, identities, state }) => [
    `gpg key fingerprint is: ${groupedFingerprint(fingerprint)}`,
    ...subkeys.map((subkey) => `    Subkey fingerprint: ${groupedFingerprint(subkey)}`),
    ...identities.map((identity) => `\t${identity}`),
    ...(state === 'good' ? [] : [`\twarning: signatures by this key are refused, it is ${state}`]),
  ]);
  return `${lines.join('\n')}\n`;
}
