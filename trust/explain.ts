import type { DecisionRecord } from './decision-record.ts';
import { type Decision, refusalOf } from './evaluate.ts';
import type { JudgedSignature } from './judge-evidence.ts';
import { describeDemand, describeRule } from './policy.ts';
import { printable } from './printable.ts';

/**
 * Why an image is, or is not, trusted today, for people: request, digest, rule, every signature with its key and place, and
 * what to do next. With the image's record, also how it came in. One fact a line, aligned, safe to print.
 */
export function explain(decision: Decision, record?: DecisionRecord): readonly string[] {
  const { request, kind, subject, scoped, verdict, signatures, problems } = decision;
  const { hint } = verdict.accepted ? {} : refusalOf(decision);
  const facts: readonly (readonly [string, string])[] = [
    ['image', `${request} (${kind})`],
    ['name', subject.name],
    ...subject.digests.map((digest) => ['digest', digest] as const),
    ...(record === undefined ? [] : ([['let in', letIn(record)]] as const)),
    ['rule', `${describeRule(scoped)}: ${describeDemand(scoped.rule)}`],
    ...signatures.map((signature) => ['signature', describeSignature(signature)] as const),
    ...problems.map((problem) => ['problem', problem.message] as const),
    ['today', `${judgement(verdict)}: ${verdict.reason}`],
    ...(hint === undefined ? [] : ([['next', hint]] as const)),
  ];
  return facts.map(([name, value]) => `${name.padEnd(11)}${printable(value, 1000)}`);
}

function judgement({ accepted, verified }: Decision['verdict']): string {
  if (!accepted) return 'not trusted';
  return verified ? 'trusted' : 'accepted, but not verified';
}

function letIn({ decided, mode, reason }: DecisionRecord): string {
  return `${decided.toISOString()}, ${mode}: ${reason}`;
}

function describeSignature({ evidence, key, place, reason, created, signer }: JudgedSignature): string {
  const seen = `first seen ${evidence.firstSeen.toISOString()}`;
  if (key === undefined || place === undefined) return `refused (${evidence.type}, ${seen}): ${reason}`;
  const scope = place.scope === '' ? 'every name' : `"${place.scope}"`;
  return [
    `good (${evidence.type}, ${seen})`,
    created === undefined ? '' : `, made ${created.toISOString()}`,
    ` by key ${key.fingerprint}`,
    signer === undefined || signer === key.fingerprint ? '' : ` (subkey ${signer})`,
    `, trusted for ${scope} by ${place.path}`,
  ].join('');
}
