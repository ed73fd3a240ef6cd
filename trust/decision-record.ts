import { array, type Infer, integer, object, oneOf, optional, parsed, string } from '../schema/decode.ts';
import { DecodeError } from '../schema/decode-error.ts';
import { type Digest, digest } from '../schema/digest.ts';
import { type Decision, evaluate, type Trust } from './evaluate.ts';
import { evidence, timestamp } from './evidence.ts';
import type { JudgedSignature } from './judge-evidence.ts';
import { formatDockerReference, parseDockerReference } from './oci/docker-reference.ts';
import { TrustError } from './trust-error.ts';

const key = object({ type: oneOf('openpgp', 'cosign'), fingerprint: string });

const signature = object({
  evidence,
  outcome: oneOf('good', 'refused'),
  reason: string,
  code: optional(string),
  key: optional(key),
  place: optional(object({ origin: oneOf('system', 'local'), scope: string, path: string })),
  signer: optional(string),
  created: optional(timestamp),
});

/** What is kept with an image: how it was asked for, what its signatures were, and why it was let in. */
export const decisionRecord = object({
  version: integer(1, 1),
  request: string,
  kind: oneOf('aci', 'oci'),
  name: string,
  reference: optional(parsed(parseDockerReference, 'a Docker reference')),
  digests: array(digest),
  /** `unverified`: no signature by a trusted key stands behind it, whoever let it in. */
  mode: oneOf('verified', 'unverified'),
  reason: string,
  /** The prefix and the policy file of the rule; no file: the key store's own rule. */
  scope: string,
  policy: optional(string),
  policyHash: string,
  decided: timestamp,
  signatures: array(signature),
});
export type DecisionRecord = Infer<typeof decisionRecord>;

/** The record of a decision. One against the image is recorded, too, when `--insecure-options=image` overrode it. */
export function recordOf(decision: Decision): DecisionRecord {
  const { request, kind, subject, verdict, scoped, policyHash, signatures, decided } = decision;
  const isVerified = verdict.accepted && verdict.verified;
  return {
    version: 1,
    request,
    kind,
    name: subject.name,
    ...(subject.reference === undefined ? {} : { reference: subject.reference }),
    digests: subject.digests,
    mode: isVerified ? 'verified' : 'unverified',
    reason: verdict.accepted ? verdict.reason : `--insecure-options=image, although ${verdict.reason}`,
    scope: scoped.scope,
    ...(scoped.file === undefined ? {} : { policy: scoped.file }),
    policyHash,
    decided,
    signatures: signatures.map(recordedSignature),
  };
}

function recordedSignature(judged: JudgedSignature): DecisionRecord['signatures'][number] {
  return { ...judged, outcome: judged.key === undefined ? 'refused' : 'good' };
}

/** The record as a JSON value (bytes in base64, times in ISO 8601, references as text), which `decisionRecord` reads again. */
export function recordJson(record: DecisionRecord): Readonly<Record<string, unknown>> {
  const { reference, ...others } = record;
  const text = reference === undefined ? {} : { reference: formatDockerReference(reference) };
  return plain({ ...others, ...text }) as Readonly<Record<string, unknown>>;
}

/** Buffers write themselves as arrays of numbers, so the conversion comes before `JSON.stringify`. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}

/** Reads a record back; `what` names the image or file in errors. */
export function parseRecord(value: unknown, what: string): DecisionRecord {
  try {
    return decisionRecord(value);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const hint = 'fetch the image again';
    throw new TrustError('ERR_BAD_RECORD', `read decision record of ${what}: ${error.message}`, hint);
  }
}

/**
 * Judges an image in the store by today's keys and policy, from its record: without the image, for the record holds the
 * digests its signatures were made over. `expected` is the digest of the image in question: a record says nothing about
 * another one, whatever it is named (CVE-2026-50195).
 */
export async function reevaluate(
  record: DecisionRecord,
  expected: Digest,
  trust: Trust,
  now = new Date(),
): Promise<Decision> {
  const { request, kind, name, reference, digests, signatures } = record;
  if (!digests.includes(expected))
    throw new TrustError(
      'ERR_BAD_RECORD',
      `trust ${request}: its decision record is about another image, not ${expected}`,
      'fetch the image again',
    );
  const subject = { name, digests, ...(reference === undefined ? {} : { reference }) };
  return evaluate({ request, kind, subject, evidence: signatures.map((each) => each.evidence) }, trust, now);
}
