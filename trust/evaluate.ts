import type { Evidence } from './evidence.ts';
import { type JudgedSignature, judgeEvidence, type Subject } from './judge-evidence.ts';
import { type KeyStore, keysFor } from './keystore.ts';
import { MAX_SIGNATURES } from './openpgp/signature.ts';
import { decide, type Policy, ruleFor, type ScopedRule, type Verdict } from './policy.ts';
import { TrustError } from './trust-error.ts';

/** Whom this machine trusts. */
export interface Trust {
  readonly store: KeyStore;
  readonly policy: Policy;
}

/** An image and its signatures, up for judgement. */
export interface Case {
  /** As the user wrote it. */
  readonly request: string;
  readonly kind: 'aci' | 'oci';
  readonly subject: Subject;
  readonly evidence: readonly Evidence[];
}

/** A case and how it was decided. */
export interface Decision extends Case {
  readonly verdict: Verdict;
  readonly scoped: ScopedRule;
  readonly policyHash: string;
  readonly signatures: readonly JudgedSignature[];
  /** Files of the key store that could not be used. */
  readonly problems: readonly TrustError[];
  readonly decided: Date;
}

/** Judges every signature by the keys trusted for the name, and decides by the policy's rule for it. */
export async function evaluate(
  question: Case,
  { store, policy }: Trust,
  now = new Date(),
): Promise<Decision> {
  const { subject, evidence } = question;
  if (evidence.length > MAX_SIGNATURES)
    throw new TrustError(
      'ERR_SIGNATURE_TOO_MANY',
      `trust ${question.request}: more than ${MAX_SIGNATURES} signatures`,
    );
  const keys = await keysFor(store, subject.name);
  const scoped = ruleFor(policy, subject.name);
  const bench = { subject, keys, scoped, now };
  const signatures = await Promise.all(evidence.map((each) => judgeEvidence(each, bench)));
  const verdict = decide(scoped, signatures);
  const { problems } = keys;
  return { ...question, verdict, scoped, policyHash: policy.hash, signatures, problems, decided: now };
}

/** The error of a decision against an image. `hint` says what to do about it. */
export function refusalOf({ verdict, subject, request }: Decision): TrustError {
  return refusal(request, { code: verdict.code ?? 'ERR_NOT_TRUSTED', message: verdict.reason }, subject.name);
}

/** The error that refuses what was asked for; `name` is the image's, where it is known. */
export function refusal(
  request: string,
  { code, message, hint }: Pick<TrustError, 'code' | 'message'> & Partial<Pick<TrustError, 'hint'>>,
  name?: string,
): TrustError {
  const what = name === undefined ? 'PREFIX KEYFILE' : name;
  return new TrustError(code, `trust ${request}: ${message}`, hint ?? hints[code]?.(what));
}

const hints: Partial<Record<TrustError['code'], (name: string) => string>> = {
  ERR_NOT_SIGNED: () => 'ask its publisher for a signature, or allow it: --insecure-options=image',
  ERR_KEY_UNKNOWN: (name) => `if you trust its publisher: tsrkt trust --prefix ${name}`,
  ERR_KEY_EXPIRED: (name) => `look for a newer copy of the key: tsrkt trust --prefix ${name}`,
};
