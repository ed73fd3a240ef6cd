import { show } from '../../schema/decode-error.ts';
import type { ImageManifest } from '../../schema/image-manifest.ts';
import { labelValue } from '../../schema/label.ts';
import { refuseOtherManifest } from '../../trust/appc-identity.ts';
import type { DecisionRecord } from '../../trust/decision-record.ts';
import { type Evidence, openpgpEvidence, withReceipts } from '../../trust/evidence.ts';
import { type BlobHasher, blobHasher } from '../../trust/openpgp/blob-hasher.ts';
import type { DetachedSignature } from '../../trust/openpgp/signature.ts';
import { refuseUnvouchedAci } from '../../trust/refuse-early.ts';
import { TrustError } from '../../trust/trust-error.ts';
import { passingChunks } from '../file-chunks.ts';
import type { Admission } from '../store/admit.ts';
import type { BlobSource, StagedBlob } from '../store/blob.ts';
import type { Store } from '../store/layout.ts';
import { findImageByBlob } from '../store/lookup.ts';
import { importAci } from '../store.ts';
import { judge } from './judge.ts';
import { keptEvidence, verificationOf } from './kept-decision.ts';
import type { FetchedImage, FetchOptions, WantedImage } from './options.ts';

/** Signatures that are here already, or how to get them once the image is: a server may have deferred them. */
export type Signatures = readonly DetachedSignature[] | (() => Promise<readonly DetachedSignature[]>);

/** An ACI on its way into the store. */
export interface IncomingAci extends WantedImage {
  readonly source: BlobSource;
  readonly signatures: Signatures;
}

/**
 * Brings an ACI into the store, provided today's keys and policy accept it. Its bytes are judged before anything decompresses
 * them: by the name that was asked for, which its manifest must then have; where no name was, by whether anyone at all vouches
 * for it, and by its own name before it is kept.
 */
export async function importJudged(
  store: Store,
  incoming: IncomingAci,
  options: FetchOptions,
): Promise<FetchedImage> {
  const { reference: name, source, signatures } = incoming;
  const hasher = blobHasher(['sha512'], typeof signatures === 'function' ? [] : signatures);
  const decisions: DecisionRecord[] = [];
  const decide = async (staged: StagedBlob): Promise<Admission> => {
    const evidence = await evidenceFor(store, staged, signatures, hasher);
    const judgeManifest = await judgeBytes(incoming, staged, evidence, options);
    const verify = async (manifest: ImageManifest) => {
      const decision = await judgeManifest(manifest);
      decisions.push(decision);
      return verificationOf(decision);
    };
    return { source: name, latest: meansLatest(incoming), verify };
  };
  const image = await importAci(store, { name, source, hasher, decide });
  const [decision] = decisions;
  if (decision === undefined) throw new TypeError(`${name} was taken without a decision`);
  return { ...image, decision };
}

function meansLatest({ identity }: WantedImage): boolean {
  return identity !== undefined && labelValue(identity.labels, 'version') === undefined;
}

/** Judges what can be before the bytes are looked into; what it gives judges the rest. */
async function judgeBytes(
  { reference: request, identity }: IncomingAci,
  { digest }: StagedBlob,
  evidence: readonly Evidence[],
  options: FetchOptions,
): Promise<(manifest: ImageManifest) => Promise<DecisionRecord>> {
  const judgeAs = (name: string) =>
    judge({ request, kind: 'aci', subject: { name, digests: [digest] }, evidence }, options);
  if (identity === undefined) {
    if (!options.insecureImage)
      await refuseUnvouchedAci({ request, name: undefined }, evidence, options.trust());
    return async ({ name }) => refuseOwnName(await judgeAs(name), options);
  }
  const decision = await judgeAs(identity.name);
  return async ({ name, labels = [] }) => {
    refuseOtherManifest(identity, { name, labels });
    return decision;
  };
}

/** A rule that wants no signature counts for names that users give, not for what an image says of itself. */
function refuseOwnName(decision: DecisionRecord, { insecureImage }: FetchOptions): DecisionRecord {
  if (decision.mode === 'verified' || insecureImage || decision.scope === '') return decision;
  throw new TrustError(
    'ERR_NOT_SIGNED',
    `image ${show(decision.request)}: only its own manifest says that it is ${show(decision.name)}, whose policy wants no signature`,
    'fetch it by that name, or allow it with --insecure-options=image',
  );
}

async function evidenceFor(
  store: Store,
  staged: StagedBlob,
  signatures: Signatures,
  hasher: BlobHasher,
): Promise<readonly Evidence[]> {
  const known = findImageByBlob(store, staged.digest);
  const earlier = known === undefined ? [] : keptEvidence(known);
  if (typeof signatures !== 'function')
    return withReceipts(openpgpEvidence(signatures, hasher, new Date()), earlier);
  const late = await signatures();
  const second = blobHasher([], late);
  for (const chunk of passingChunks(staged.fd)) second.update(chunk);
  return withReceipts(openpgpEvidence(late, second, new Date()), earlier);
}
