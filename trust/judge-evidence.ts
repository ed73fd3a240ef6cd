import type { Digest } from '../schema/digest.ts';
import { verifySigstoreBundle } from './cosign/bundle.ts';
import { noSigner, verifyCosign } from './cosign/signature.ts';
import type { Evidence } from './evidence.ts';
import type { KeyPlace, TrustedKeys } from './keystore.ts';
import type { DockerReference } from './oci/docker-reference.ts';
import type { IdentityMatch } from './oci/identity-match.ts';
import { decodeClaim, refuseOtherImage, type SignedClaim } from './oci/simple-signing.ts';
import { refuseRevokedSigner } from './openpgp/refusal.ts';
import { parseSignatures } from './openpgp/signature.ts';
import { type GoodSignature, verifyDetached } from './openpgp/verify-detached.ts';
import { verifySignedMessage } from './openpgp/verify-message.ts';
import type { KeyReference, ScopedRule, SignatureOutcome } from './policy.ts';
import { printable } from './printable.ts';
import { TrustError } from './trust-error.ts';

/** The image a signature has to be about. */
export interface Subject {
  /** What keys and policies go by: an appc name, or an OCI repository with its registry. */
  readonly name: string;
  /** Any of these may be signed: an ACI's blob; an OCI manifest, or the index that names it. */
  readonly digests: readonly Digest[];
  /** OCI: the reference that was asked for. */
  readonly reference?: DockerReference;
}

/** How signatures are judged: by which keys, under which rule, today. */
export interface Bench {
  readonly subject: Subject;
  readonly keys: TrustedKeys;
  readonly scoped: ScopedRule;
  readonly now: Date;
}

/** What came of one signature, and, if it is good, where its key is trusted and when it says it was made. */
export interface JudgedSignature extends SignatureOutcome {
  readonly evidence: Evidence;
  readonly place?: KeyPlace;
  /** The primary key or subkey that signed, where that differs from `key`. */
  readonly signer?: string;
  readonly created?: Date;
}

/** Judges one signature. A refusal is an answer, with its code and reason. */
export async function judgeEvidence(evidence: Evidence, bench: Bench): Promise<JudgedSignature> {
  try {
    return { evidence, reason: 'good', ...(await judge(evidence, bench)) };
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    return { evidence, code: error.code, reason: error.message };
  }
}

type Good = Required<Pick<JudgedSignature, 'key' | 'place'>> & Partial<JudgedSignature>;

function judge(evidence: Evidence, bench: Bench): Promise<Good> | Good {
  switch (evidence.type) {
    case 'openpgp':
      return judgeDetached(evidence, bench);
    case 'simple-signing':
      return judgeSimpleSigning(evidence, bench);
    case 'cosign':
      return judgeCosign(evidence, bench);
    case 'sigstore-bundle':
      return judgeBundle(evidence, bench);
  }
}

async function judgeDetached(
  { signature, digest, firstSeen }: Extract<Evidence, { type: 'openpgp' }>,
  { keys, now }: Bench,
): Promise<Good> {
  const [parsed] = await parseSignatures(signature, 'signature');
  if (parsed === undefined) throw new TrustError('ERR_SIGNATURE_FORMAT', 'read signature: empty');
  refuseRevokedSigner(parsed, keys.revoked);
  const good = await verifyDetached(parsed, { digest }, keys.openpgp, { now, firstSeen });
  return openpgpFacts(good, keys);
}

async function judgeSimpleSigning(
  { message, firstSeen }: Extract<Evidence, { type: 'simple-signing' }>,
  bench: Bench,
): Promise<Good> {
  const { openpgp } = bench.keys;
  const { payload, signature } = await verifySignedMessage(message, openpgp, { now: bench.now, firstSeen });
  refuseClaim(decodeClaim(payload, 'atomic container signature'), bench, { type: 'matchRepoDigestOrExact' });
  return openpgpFacts(signature, bench.keys);
}

/** cosign signs a bare repository, so tags are not compared unless the policy says how. */
function judgeCosign(evidence: Extract<Evidence, { type: 'cosign' }>, bench: Bench): Good {
  const { key, claim } = verifyCosign(evidence, bench.keys.cosign);
  refuseClaim(claim, bench, { type: 'matchRepository' });
  return keyFacts('cosign', key.fingerprint, bench.keys.cosign);
}

/** The format carries no name at all: trusting the key for every name would make it vouch for any image under any name. */
function judgeBundle({ bundle }: Extract<Evidence, { type: 'sigstore-bundle' }>, bench: Bench): Good {
  const { cosign } = bench.keys;
  const key = verifySigstoreBundle(bundle, cosign, bench.subject.digests);
  if (key.scope === '' && bench.scoped.scope === '')
    throw new TrustError(
      'ERR_SIGNATURE_IDENTITY',
      `signature by key ${key.fingerprint}: it names no image, and neither key store nor policy binds the key to a prefix`,
      `trust the key for a prefix: tsrkt trust import --prefix ${bench.subject.name} FILE`,
    );
  return keyFacts('cosign', key.fingerprint, cosign);
}

function refuseClaim(claim: SignedClaim, { subject, scoped }: Bench, otherwise: IdentityMatch): void {
  const { reference, digests, name } = subject;
  if (reference === undefined)
    throw new TrustError(
      'ERR_SIGNATURE_IDENTITY',
      `signature is for an image of a registry, and "${printable(name)}" does not name one`,
      'name it in full, as signatures do: oci:DIRECTORY:REGISTRY/NAME:TAG',
    );
  const { rule } = scoped;
  const match = (rule.type === 'signedBy' ? rule.signedIdentity : undefined) ?? otherwise;
  refuseOtherImage(claim, { reference, digests }, match);
}

function openpgpFacts({ key, signer, created }: GoodSignature, keys: TrustedKeys): Good {
  if (keys.revoked.has(signer))
    throw new TrustError('ERR_KEY_REVOKED', `signature by key ${signer}: the key is revoked here`);
  return { ...keyFacts('openpgp', key, keys.openpgp), signer, created };
}

function keyFacts(
  type: KeyReference['type'],
  fingerprint: string,
  keys: readonly ({ readonly fingerprint: string } & KeyPlace)[],
): Good {
  const found = keys.find((key) => key.fingerprint === fingerprint);
  if (found === undefined) throw noSigner([]);
  const { origin, scope, path } = found;
  return { key: { type, fingerprint }, place: { origin, scope, path } };
}
