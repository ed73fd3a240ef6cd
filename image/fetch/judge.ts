import { type Digest, digestAlgorithm } from '../../schema/digest.ts';
import { type DecisionRecord, recordOf, reevaluate } from '../../trust/decision-record.ts';
import { type Case, type Decision, evaluate, refusalOf, type Trust } from '../../trust/evaluate.ts';
import type { Subject } from '../../trust/judge-evidence.ts';
import { TrustError } from '../../trust/trust-error.ts';
import type { Verification } from '../store/record.ts';
import { decisionIn } from './kept-decision.ts';
import type { FetchNotes, FetchOptions } from './options.ts';

/** What judging needs of the options of a fetch. */
export type JudgeOptions = Pick<FetchOptions, 'insecureImage' | 'trust'> & {
  readonly notes: Pick<FetchNotes, 'warning'>;
};

/** Judges an image from its signatures: the decision to keep with it, or the error that refuses it. */
export async function judge(question: Case, options: JudgeOptions): Promise<DecisionRecord> {
  if (!options.insecureImage) return settle(await evaluate(question, options.trust()), options);
  const record = recordOf(await evaluate(question, NOBODY));
  return { ...record, reason: '--insecure-options=image, and no signature was asked for' };
}

/** With `--insecure-options=image` neither keys nor policy are looked at. */
const NOBODY: Trust = { store: [], policy: { rules: [], hash: 'none' } };

/** What was kept of an image when it came. */
export interface KeptDecision {
  /** As the user asks for it now. */
  readonly request: string;
  readonly name: string;
  /** OCI: the reference that is asked for now. */
  readonly reference?: Subject['reference'];
  /** The file that its signatures are over. */
  readonly blob: Digest;
  readonly verification: Verification;
}

/** Judges an image that came earlier by today's keys and policy, from what was kept of it. */
export async function judgeKept(kept: KeptDecision, options: JudgeOptions): Promise<DecisionRecord> {
  const record = decisionIn(kept.verification, kept.request);
  if (!options.insecureImage) return settle(await decideAgain(record, kept, options.trust()), options);
  if (record === undefined) return judge(unsigned(kept), options);
  if (record.mode === 'unverified') return { ...record, request: kept.request };
  return judgeInsecurely(record, kept, options);
}

/** A good signature is not forgotten because nobody asks for it today. */
async function judgeInsecurely(
  record: DecisionRecord,
  kept: KeptDecision,
  options: JudgeOptions,
): Promise<DecisionRecord> {
  try {
    return settle(await decideAgain(record, kept, options.trust()), options);
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    const reason = `--insecure-options=image, although ${error.message}`;
    return { ...record, request: kept.request, mode: 'unverified', reason };
  }
}

/** Today's decision about an image that came earlier, for or against it. */
export function decideAgain(
  record: DecisionRecord | undefined,
  kept: KeptDecision,
  trust: Trust,
): Promise<Decision> {
  if (record === undefined) return evaluate(unsigned(kept), trust);
  const { request, name, reference } = kept;
  const asked = reference === undefined ? { request } : { request, name, reference };
  return reevaluate({ ...record, ...asked }, kept.blob, trust);
}

function settle(decision: Decision, { insecureImage, notes }: JudgeOptions): DecisionRecord {
  for (const problem of decision.problems) notes.warning(problem.message);
  if (!decision.verdict.accepted && !insecureImage) throw refusalOf(decision);
  return recordOf(decision);
}

function unsigned({ request, name, reference, blob }: KeptDecision): Case {
  const kind = digestAlgorithm(blob) === 'sha256' ? 'oci' : 'aci';
  const subject = { name, digests: [blob], ...(reference === undefined ? {} : { reference }) };
  return { request, kind, subject, evidence: [] };
}
