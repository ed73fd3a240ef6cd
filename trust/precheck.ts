import type { Trust } from './evaluate.ts';
import type { Evidence } from './evidence.ts';
import { keysForSomeName } from './keystore.ts';
import type { OpenpgpKey } from './openpgp/key.ts';
import { refuseRevokedSigner } from './openpgp/refusal.ts';
import { type DetachedSignature, parseSignatures } from './openpgp/signature.ts';
import { identifySigner, verifyDetached } from './openpgp/verify-detached.ts';
import { acceptsAnyName } from './policy.ts';
import { TrustError } from './trust-error.ts';

/**
 * Refuses signatures none of which could be good, whatever they are of: ask before a large download. Throws the reason of
 * the first.
 */
export function refuseUnknownSigners(
  signatures: readonly DetachedSignature[],
  keys: readonly OpenpgpKey[],
  {
    now = new Date(),
    revoked = new Set(),
  }: { readonly now?: Date; readonly revoked?: ReadonlySet<string> } = {},
): void {
  const refusals = signatures.flatMap((signature) => {
    try {
      refuseRevokedSigner(signature, revoked);
      identifySigner(signature, keys, { now });
      return [];
    } catch (error) {
      return [error];
    }
  });
  if (refusals.length === signatures.length) throw refusals[0] ?? notSigned();
}

/**
 * Refuses an ACI whose name stands only in its manifest unless it has a good signature by some trusted key, so that nothing
 * unsigned is decompressed to learn its name, nor chooses the prefix whose policy lets it in.
 */
export async function refuseUnvouched(
  evidence: readonly Evidence[],
  { store, policy }: Trust,
  now = new Date(),
): Promise<void> {
  if (acceptsAnyName(policy)) return;
  const keys = await keysForSomeName(store);
  const refusals: unknown[] = [];
  for (const each of evidence) {
    try {
      return await verifyKept(each, keys, now);
    } catch (error) {
      refusals.push(error);
    }
  }
  throw refusals[0] ?? notSigned();
}

async function verifyKept(evidence: Evidence, keys: readonly OpenpgpKey[], now: Date): Promise<void> {
  if (evidence.type !== 'openpgp') throw notSigned();
  const { signature, digest, firstSeen } = evidence;
  const [parsed] = await parseSignatures(signature, 'signature');
  if (parsed === undefined) throw notSigned();
  await verifyDetached(parsed, { digest }, keys, { now, firstSeen });
}

function notSigned(): TrustError {
  return new TrustError('ERR_NOT_SIGNED', 'it has no signature');
}
