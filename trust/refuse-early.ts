import { evaluate, refusal, refusalOf, type Trust } from './evaluate.ts';
import type { Evidence } from './evidence.ts';
import { keysFor, keysForSomeName, revokedFingerprints } from './keystore.ts';
import type { DetachedSignature } from './openpgp/signature.ts';
import { acceptsAnyName } from './policy.ts';
import { refuseUnknownSigners, refuseUnvouched } from './precheck.ts';
import { TrustError } from './trust-error.ts';

/** An ACI that somebody asked for. */
export interface WantedAci {
  readonly request: string;
  /** Undefined where it stands in the manifest only. */
  readonly name: string | undefined;
}

/** Refuses an ACI that could not be accepted whatever its bytes are: ask before fetching them. */
export async function refuseHopeless(
  { request, name }: WantedAci,
  signatures: readonly DetachedSignature[],
  trust: Trust,
): Promise<void> {
  if (name !== undefined) return refuseHopelessName({ request, name }, signatures, trust);
  if (acceptsAnyName(trust.policy)) return;
  const keys = await keysForSomeName(trust.store);
  const revoked = revokedFingerprints(trust.store);
  await onBehalfOf({ request, name }, () => refuseUnknownSigners(signatures, keys, { revoked }));
}

async function refuseHopelessName(
  wanted: { readonly request: string; readonly name: string },
  signatures: readonly DetachedSignature[],
  trust: Trust,
): Promise<void> {
  const { request, name } = wanted;
  const unsigned = await evaluate(
    { request, kind: 'aci', subject: { name, digests: [] }, evidence: [] },
    trust,
  );
  if (unsigned.verdict.accepted) return;
  if (signatures.length === 0 || unsigned.scoped.rule.type === 'reject') throw refusalOf(unsigned);
  const { openpgp, revoked } = await keysFor(trust.store, name);
  await onBehalfOf(wanted, () => refuseUnknownSigners(signatures, openpgp, { revoked }));
}

/**
 * Refuses an OCI image in which its signatures may lie, and which nothing beside it signs, unless there is a key whose signature
 * could make it acceptable: ask before opening it.
 */
export async function refuseUnsignable(
  { request, name }: { readonly request: string; readonly name: string },
  trust: Trust,
): Promise<void> {
  const question = { request, kind: 'oci', subject: { name, digests: [] }, evidence: [] } as const;
  const unsigned = await evaluate(question, trust);
  const { rule } = unsigned.scoped;
  if (unsigned.verdict.accepted) return;
  if (rule.type !== 'signedBy') throw refusalOf(unsigned);
  const { cosign } = await keysFor(trust.store, name);
  if (cosign.some(({ fingerprint }) => rule.cosign === 'keystore' || rule.cosign.includes(fingerprint)))
    return;
  const message =
    'no signature beside it, and no cosign key trusted for this image, whose signature could lie in it';
  throw refusal(request, { code: 'ERR_NOT_SIGNED', message }, name);
}

/** Refuses an ACI of unknown name that nobody whom we trust for some name has signed: ask before opening it. */
export function refuseUnvouchedAci(
  wanted: WantedAci,
  evidence: readonly Evidence[],
  trust: Trust,
): Promise<void> {
  return onBehalfOf(wanted, () => refuseUnvouched(evidence, trust));
}

/** A refusal then says what was asked for, and what to do about it. */
async function onBehalfOf({ request, name }: WantedAci, check: () => Promise<void> | void): Promise<void> {
  try {
    await check();
  } catch (error) {
    if (error instanceof TrustError) throw refusal(request, error, name);
    throw error;
  }
}
