import { chmodSync, existsSync, mkdirSync, renameSync, statSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createFile, syncDirectory } from '../../linux/durable-file.ts';
import { hasCode } from '../../linux/system-error.ts';
import { show } from '../../schema/decode-error.ts';
import type { CosignKey } from '../cosign/key.ts';
import {
  cosignKeys,
  type KeyKind,
  type KeyStore,
  type KeyStoreLayer,
  keyDirectory,
  openpgpKeys,
  REVOKED_DIRECTORY,
  revokedFingerprints,
} from '../keystore.ts';
import { isFingerprint } from '../openpgp/fingerprint.ts';
import type { OpenpgpKey } from '../openpgp/key.ts';
import { loadOpenpgp } from '../openpgp.ts';
import { TrustError } from '../trust-error.ts';

/** A key's place in the store: which key, of which kind, trusted for which prefix ('' is every name). */
export interface KeySlot {
  readonly kind: Pick<KeyKind<never>, 'root' | 'prefix'>;
  readonly scope: string;
  readonly fingerprint: string;
}

/**
 * Trusts an OpenPGP key for a scope and answers its file, armored as rkt reads it. The top layer of `store` is written to.
 * A key that is masked there or revoked stays so: whoever masked it has to remove the mask.
 */
export async function addOpenpgpKey(store: KeyStore, scope: string, key: OpenpgpKey): Promise<string> {
  const { config } = await loadOpenpgp();
  return addKey(store, { kind: openpgpKeys, scope, fingerprint: key.fingerprint }, key.key.armor(config));
}

/** Trusts a cosign public key for a scope and answers its file. */
export function addCosignKey(store: KeyStore, scope: string, key: CosignKey): string {
  return addKey(store, { kind: cosignKeys, scope, fingerprint: key.fingerprint }, key.pem);
}

function addKey(store: KeyStore, slot: KeySlot, content: string): string {
  const path = slotPath(topLayer(store), slot);
  const revoked = join(topLayer(store).directory, REVOKED_DIRECTORY, slot.fingerprint);
  if (revokedFingerprints(store).has(slot.fingerprint)) throw masked(slot, revoked, 'revoked');
  if (isMask(path)) throw masked(slot, path, 'masked');
  writeKeyFile(path, content);
  return path;
}

/** Takes a key's file out of the top layer; answers its path. A key of a lower layer can only be masked. */
export function removeKey(store: KeyStore, slot: KeySlot): string {
  const path = slotPath(topLayer(store), slot);
  try {
    unlinkSync(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error;
    throw new TrustError(
      'ERR_KEY_UNKNOWN',
      `remove key ${slot.fingerprint}: not at ${path}`,
      'keys of the system can be masked: tsrkt trust mask',
    );
  }
  syncDirectory(dirname(path));
  return path;
}

/** Puts an empty file where the key would be: it is not trusted for this scope, whatever lower layers say. */
export function maskKey(store: KeyStore, slot: KeySlot): string {
  const path = slotPath(topLayer(store), slot);
  writeKeyFile(path, '');
  return path;
}

/** Takes all trust from a key, in every scope and for ever; answers the file that says so. */
export function revokeKey(store: KeyStore, fingerprint: string): string {
  const path = join(topLayer(store).directory, REVOKED_DIRECTORY, checked(fingerprint));
  writeKeyFile(path, '');
  return path;
}

function topLayer(store: KeyStore): KeyStoreLayer {
  const layer = store.at(-1);
  if (layer === undefined) throw new Error('a key store without a directory');
  return layer;
}

function slotPath(layer: KeyStoreLayer, { kind, scope, fingerprint }: KeySlot): string {
  return join(keyDirectory(layer, kind, scope), checked(fingerprint));
}

/** It becomes a file name; cosign keys' look like those of OpenPGP v6. */
function checked(fingerprint: string): string {
  if (isFingerprint(fingerprint)) return fingerprint;
  throw new TrustError('ERR_KEY_FINGERPRINT', `name a key: ${show(fingerprint)} is no fingerprint`);
}

function isMask(path: string): boolean {
  if (!existsSync(path)) return false;
  const found = statSync(path);
  return !found.isFile() || found.size === 0;
}

/** As rkt does it: directories 0755, files 0644 whatever the umask, complete before they have their name. */
function writeKeyFile(path: string, content: string): void {
  const directory = dirname(path);
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const temporary = join(directory, `.${basename(path)}.${process.pid}`);
  createFile(temporary, content);
  chmodSync(temporary, 0o644);
  renameSync(temporary, path);
  syncDirectory(directory);
}

function masked({ fingerprint, scope }: KeySlot, path: string, how: 'masked' | 'revoked'): TrustError {
  const where = scope === '' ? 'every name' : `prefix "${scope}"`;
  return new TrustError(
    'ERR_KEY_REVOKED',
    `trust key ${fingerprint} for ${where}: it is ${how} here`,
    `remove ${path} first, if you are sure`,
  );
}
