import { loadOpenpgp, type Openpgp, type SignaturePacket } from '../openpgp.ts';
import { TrustError } from '../trust-error.ts';
import type { OpenpgpKey } from './key.ts';
import { refusal, refuseUnusableKey } from './refusal.ts';
import { type Message, readSignedMessage } from './signed-message.ts';
import { findSigningKey, type SigningKey } from './signing-key.ts';
import type { GoodSignature, Moment } from './verify-detached.ts';

/** What a good signed message says. Nothing outside of `payload` was signed (CVE-2025-47934). */
export interface SignedMessage {
  readonly payload: Uint8Array;
  readonly signature: GoodSignature;
}

/**
 * Verifies a binary OpenPGP signed message (one-pass signature, literal data, signature; compressed or not), as containers
 * "simple signing" uses it: exactly one signature, by one of `keys`. Throws a TrustError with the reason for refusing it.
 */
export async function verifySignedMessage(
  message: Uint8Array,
  keys: readonly OpenpgpKey[],
  moment: Moment,
): Promise<SignedMessage> {
  const openpgp = await loadOpenpgp();
  const parsed = await readSignedMessage(message);
  const [keyId, ...others] = parsed.getSigningKeyIDs().map((id) => id.toHex());
  if (keyId === undefined || others.length > 0)
    throw new TrustError('ERR_SIGNATURE_FORMAT', 'read signed message: expected exactly one signature');
  const found = findSigningKey(keys, { issuer: { keyId } });
  try {
    const { payload, packet } = await verify(openpgp, parsed, found, moment);
    const created = packet.created ?? new Date(0);
    refuseUnlike(openpgp, packet, found);
    await refuseUnusableKey(found, { ...moment, created });
    return { payload, signature: { key: found.owner.fingerprint, signer: found.fingerprint, created } };
  } catch (error) {
    throw refusal(found.fingerprint, error);
  }
}

async function verify(
  { library, config }: Openpgp,
  message: Message,
  { owner }: SigningKey,
  { now }: Moment,
): Promise<{ readonly payload: Uint8Array; readonly packet: SignaturePacket }> {
  const { data, signatures } = await library.verify({
    message,
    verificationKeys: owner.key,
    expectSigned: true,
    format: 'binary',
    date: now,
    config,
  });
  const [result] = signatures;
  if (result === undefined || signatures.length !== 1) throw new Error('the library checked no signature');
  await result.verified;
  const [packet] = (await result.signature).packets;
  if (packet === undefined) throw new Error('the library checked no signature');
  return { payload: data as Uint8Array, packet };
}

/** A one-pass signature names its key by the 64-bit ID only; the signature after the data has to name the same key in full. */
function refuseUnlike({ library }: Openpgp, packet: SignaturePacket, { fingerprint }: SigningKey): void {
  const by = `signature by key ${fingerprint}`;
  const { issuerFingerprint: issuer, signatureType } = packet;
  if (issuer !== null && Buffer.from(issuer).toString('hex') !== fingerprint)
    throw new TrustError('ERR_KEY_UNKNOWN', `${by}: it names another key of the same key ID`);
  if (signatureType !== library.enums.signature.binary)
    throw new TrustError(
      'ERR_SIGNATURE_TYPE',
      `${by}: a text signature, and only binary ones sign bytes as they are`,
    );
}
