import { type Key, loadOpenpgp } from '../openpgp.ts';
import { TrustError } from '../trust-error.ts';
import { armorBlocks, isBinaryOpenpgp } from './armor.ts';
import { type Fingerprint, isFingerprint } from './fingerprint.ts';

/** Caps against key flooding (CVE-2019-13050): certifications by strangers can make a key arbitrarily large. */
export const MAX_KEY_FILE_BYTES = 1024 * 1024;
const MAX_KEY_BYTES = 64 * 1024;

/** A public key with everything that belongs to it. */
export interface OpenpgpKey {
  /** The primary key's. */
  readonly fingerprint: Fingerprint;
  /** Binary packets: primary key, identities, subkeys. */
  readonly bytes: Uint8Array;
  readonly key: Key;
}

/**
 * Every public key in a file, armored (one block or several) or binary. `what` names the file in errors: a private key, a
 * damaged one and one larger than 64 KiB are refused.
 */
export async function parseKeys(bytes: Uint8Array, what: string): Promise<readonly OpenpgpKey[]> {
  if (bytes.length > MAX_KEY_FILE_BYTES)
    throw new TrustError('ERR_KEY_TOO_LARGE', `read ${what}: larger than ${MAX_KEY_FILE_BYTES} bytes`);
  const keys = await readKeys(bytes, what);
  return keys.map((key) => openpgpKey(key, what));
}

async function readKeys(bytes: Uint8Array, what: string): Promise<readonly Key[]> {
  const { library, config } = await loadOpenpgp();
  try {
    if (isBinaryOpenpgp(bytes)) return await library.readKeys({ binaryKeys: bytes, config });
    const keys: Key[] = [];
    for (const block of armorBlocks(bytes))
      keys.push(...(await library.readKeys({ armoredKeys: block.text, config })));
    if (keys.length === 0) throw new Error('no OpenPGP key in it');
    return keys;
  } catch (error) {
    throw new TrustError('ERR_KEY_FORMAT', `read ${what}: ${(error as Error).message}`);
  }
}

function openpgpKey(key: Key, what: string): OpenpgpKey {
  const fingerprint = key.getFingerprint();
  if (!isFingerprint(fingerprint))
    throw new TrustError('ERR_KEY_FORMAT', `read ${what}: unknown key version`);
  if (key.isPrivate()) {
    const hint = `export the public half: gpg --export --armor ${fingerprint}`;
    throw new TrustError('ERR_KEY_PRIVATE', `read ${what}: ${fingerprint} is a private key`, hint);
  }
  const bytes = key.write();
  if (bytes.length > MAX_KEY_BYTES) {
    const hint = `make it smaller: gpg --export --armor --export-options export-minimal ${fingerprint}`;
    const problem = `key ${fingerprint} is larger than ${MAX_KEY_BYTES} bytes`;
    throw new TrustError('ERR_KEY_TOO_LARGE', `read ${what}: ${problem}`, hint);
  }
  return { fingerprint, bytes, key };
}
