import { createHash } from 'node:crypto';
import { array, type Infer, object, oneOf, string, union } from '../../schema/decode.ts';
import { DecodeError } from '../../schema/decode-error.ts';
import { decodeJson } from '../../schema/json.ts';
import { base64 } from '../base64.ts';
import { TrustError } from '../trust-error.ts';
import { type CosignKey, parseCosignKey } from './key.ts';

/** What a transparency log entry has to be about: this signature, over these bytes, by this key. */
export interface LoggedSignature {
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  readonly key: CosignKey;
}

const sha256 = object({ algorithm: oneOf('sha256'), value: string });

/** The kinds of entry cosign makes with a key pair: `hashedrekord` for a payload, `dsse` for a bundle. */
const entryBody = union('kind', {
  hashedrekord: object({
    kind: oneOf('hashedrekord'),
    apiVersion: oneOf('0.0.1'),
    spec: object({
      data: object({ hash: sha256 }),
      signature: object({ content: base64, publicKey: object({ content: base64 }) }),
    }),
  }),
  dsse: object({
    kind: oneOf('dsse'),
    apiVersion: oneOf('0.0.1'),
    spec: object({
      payloadHash: sha256,
      signatures: array(object({ signature: base64, verifier: base64 })),
    }),
  }),
});

/**
 * Compares a Rekor entry's body with the signature it came with, field by field: an entry about something else proves
 * nothing here (CVE-2022-23649, CVE-2026-22703). Its time is not believed, for we hold no log key.
 */
export function refuseOtherEntry(body: Uint8Array, { payload, signature, key }: LoggedSignature): void {
  const entry = entryFacts(decodeBody(body));
  const hash = createHash('sha256').update(payload).digest('hex');
  const differences = [
    ...(entry.hash === hash ? [] : ['data hash']),
    ...(entry.signature?.equals(signature) ? [] : ['signature']),
    ...(isSameKey(entry.key, key) ? [] : ['public key']),
  ];
  if (differences.length > 0)
    throw new TrustError(
      'ERR_SIGNATURE_BUNDLE',
      `signature by key ${key.fingerprint}: its transparency log entry has another ${differences.join(' and ')}`,
    );
}

function decodeBody(body: Uint8Array): Infer<typeof entryBody> {
  try {
    return decodeJson(body, entryBody, {
      what: 'transparency log entry',
      maxBytes: 1024 * 1024,
      maxDepth: 16,
    });
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new TrustError('ERR_SIGNATURE_BUNDLE', `read ${error.message}`);
  }
}

function entryFacts(entry: Infer<typeof entryBody>) {
  if (entry.kind === 'hashedrekord') {
    const { data, signature } = entry.spec;
    return { hash: data.hash.value, signature: signature.content, key: signature.publicKey.content };
  }
  const [only, ...others] = entry.spec.signatures;
  const isOne = others.length === 0;
  return {
    hash: entry.spec.payloadHash.value,
    signature: isOne ? only?.signature : undefined,
    key: isOne ? only?.verifier : undefined,
  };
}

/** The same key, however its PEM is laid out. */
function isSameKey(pem: Uint8Array | undefined, { fingerprint }: CosignKey): boolean {
  try {
    return pem !== undefined && parseCosignKey(pem, 'log entry').fingerprint === fingerprint;
  } catch {
    return false;
  }
}
