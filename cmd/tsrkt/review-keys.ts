import { readSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { CosignKey } from '../../trust/cosign/key.ts';
import { addCosignKey, addOpenpgpKey } from '../../trust/keystore/write.ts';
import type { KeyStore } from '../../trust/keystore.ts';
import type { OpenpgpKey } from '../../trust/openpgp/key.ts';
import { keyReview } from '../../trust/openpgp/key-review.ts';
import { tell } from '../output.ts';
import { safeText } from '../safe-text.ts';

/** Keys that were found somewhere, and might be trusted. */
export interface FoundKeys {
  /** '' is every name. */
  readonly prefix: string;
  /** The file or URL they are from. */
  readonly location: string;
  /** Whether a person has to compare the fingerprints. */
  readonly review: 'ask' | 'skip';
  readonly keys: readonly OpenpgpKey[] | CosignKey;
}

/** A key that nobody can be asked about. */
export class ReviewError extends Error {
  readonly code = 'ERR_NO_TERMINAL';
  readonly hint: string;

  constructor({ prefix, location, keys }: FoundKeys) {
    super('error reviewing key: unable to ask user to review fingerprint due to lack of tty');
    const scope = prefix === '' ? '--root' : `--prefix ${prefix}`;
    const command = 'pem' in keys ? 'trust import' : 'trust';
    const unseen = location.startsWith('https:') ? '; --trust-keys-from-https accepts keys unseen' : '';
    this.hint = `if that is the fingerprint you expect: tsrkt ${command} ${scope} --skip-fingerprint-review ${location}${unseen}`;
  }
}

/** Shows keys, asks whether to trust them, and if so puts them into the key store. `show` prints what is looked at and done. */
export async function reviewKeys(
  store: KeyStore,
  found: FoundKeys,
  show: (text: string) => void,
): Promise<void> {
  const { prefix, location, review } = found;
  const [quotedPrefix, quoted] = [JSON.stringify(prefix), JSON.stringify(safeText(location))];
  tell(`pubkey: prefix: ${quotedPrefix}\nkey: ${quoted}`);
  show(await describe(found));
  if (review === 'ask' && !askWhetherToTrust(found)) {
    tell(`pubkey: not trusting ${quoted}`);
    return;
  }
  show(
    `Trusting ${quoted} for prefix ${quotedPrefix} ${review === 'ask' ? 'after' : 'without'} fingerprint review.`,
  );
  const what = prefix === '' ? 'root key' : `key for prefix ${quotedPrefix}`;
  for (const path of await add(store, found)) show(`Added ${what} at ${JSON.stringify(path)}`);
}

async function describe({ keys }: FoundKeys): Promise<string> {
  if ('pem' in keys) return `cosign key fingerprint is: ${keys.fingerprint} (${keys.algorithm})`;
  return (await keyReview(keys)).trimEnd();
}

async function add(store: KeyStore, { prefix, keys }: FoundKeys): Promise<readonly string[]> {
  if ('pem' in keys) return [addCosignKey(store, prefix, keys)];
  const paths: string[] = [];
  for (const key of keys) paths.push(await addOpenpgpKey(store, prefix, key));
  return paths;
}

function askWhetherToTrust(found: FoundKeys): boolean {
  if (!isatty(0)) throw new ReviewError(found);
  tell('Are you sure you want to trust this key (yes/no)?');
  for (let answer = readLine(); answer !== undefined; answer = readLine()) {
    if (answer === 'yes') return true;
    if (answer === 'no') return false;
    tell("Please enter 'yes' or 'no'");
  }
  return false;
}

/** A line from the terminal; undefined at its end. */
function readLine(): string | undefined {
  const byte = Buffer.alloc(1);
  let line = '';
  while (readSync(0, byte, 0, 1, null) === 1) {
    if (byte[0] === 0x0a) return line.trim().toLowerCase();
    line += byte.toString('latin1');
  }
  return undefined;
}
