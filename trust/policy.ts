import type { IdentityMatch } from './oci/identity-match.ts';
import { printable } from './printable.ts';
import type { TrustCode } from './trust-error.ts';
import { prefixesOf } from './trust-name.ts';

/** What a policy demands of images under a prefix. */
export type Rule = { readonly type: 'reject' } | { readonly type: 'insecureAcceptAnything' } | SignedBy;

export interface SignedBy {
  readonly type: 'signedBy';
  /** Which of the key store's keys for the image count: all, or those with these fingerprints. */
  readonly openpgp: 'keystore' | readonly string[];
  readonly cosign: 'keystore' | readonly string[];
  /** How many different keys have to have signed. */
  readonly threshold: number;
  /** How the reference in an OCI signature is compared; absent: the strictest its format allows. */
  readonly signedIdentity?: IdentityMatch;
}

/** A rule, the prefix it stands for ('' is every name), and the file that states it (absent: built in). */
export interface ScopedRule {
  readonly scope: string;
  readonly rule: Rule;
  readonly file?: string;
}

export interface Policy {
  readonly rules: readonly ScopedRule[];
  /** SHA-256 over the policy's files: which policy a decision was made under. */
  readonly hash: string;
}

/** Without a policy: one signature by a key the key store trusts for the name. */
export const keystoreRule: SignedBy = {
  type: 'signedBy',
  openpgp: 'keystore',
  cosign: 'keystore',
  threshold: 1,
};

/** A key that made a good signature. */
export interface KeyReference {
  readonly type: 'openpgp' | 'cosign';
  /** The primary key's fingerprint, or the SHA-256 of the public key: one key however many signatures and subkeys it has. */
  readonly fingerprint: string;
}

/** What came of one signature: the key it is by, if it is good, or why it is refused. */
export interface SignatureOutcome {
  readonly key?: KeyReference;
  readonly code?: TrustCode;
  readonly reason: string;
}

export interface Verdict {
  readonly accepted: boolean;
  /** Whether signatures were verified. "Accepted" and "verified" differ under `insecureAcceptAnything`. */
  readonly verified: boolean;
  readonly code?: TrustCode;
  readonly reason: string;
  /** The different keys that count. */
  readonly keys: readonly KeyReference[];
}

/** The rule for a name: of the longest prefix that covers it. */
export function ruleFor({ rules }: Policy, name: string): ScopedRule {
  const covering = new Set(['', ...prefixesOf(name)]);
  const [closest] = rules
    .filter(({ scope }) => covering.has(scope))
    .toSorted((a, b) => b.scope.length - a.scope.length);
  return closest ?? { scope: '', rule: keystoreRule };
}

/** Whether no signature is needed, whatever the name: a rule for some prefix says nothing of an image nobody named. */
export function acceptsAnyName({ rules }: Policy): boolean {
  return rules.find(({ scope }) => scope === '')?.rule.type === 'insecureAcceptAnything';
}

/** Decides from a rule and what came of the signatures. Different keys count, not signatures. */
export function decide(scoped: ScopedRule, outcomes: readonly SignatureOutcome[]): Verdict {
  const { rule } = scoped;
  const where = describeRule(scoped);
  const keys = distinctKeys(
    outcomes.flatMap(({ key }) => (key !== undefined && counts(rule, key) ? [key] : [])),
  );
  const verified = keys.length > 0;
  if (rule.type === 'reject')
    return {
      accepted: false,
      verified: false,
      code: 'ERR_POLICY_REJECT',
      reason: `${where} rejects it`,
      keys: [],
    };
  if (rule.type === 'insecureAcceptAnything')
    return { accepted: true, verified, reason: `${where} accepts anything`, keys };
  if (keys.length >= rule.threshold)
    return { accepted: true, verified, reason: signedReason(keys, where), keys };
  return { accepted: false, verified: false, ...refusal(rule, keys, outcomes), keys };
}

/** Whether a good signature by `key` counts under a rule. That the key store trusts it for the name is known already. */
function counts(rule: Rule, { type, fingerprint }: KeyReference): boolean {
  if (rule.type === 'reject') return false;
  if (rule.type === 'insecureAcceptAnything') return true;
  const allowed = rule[type];
  return allowed === 'keystore' || allowed.includes(fingerprint);
}

function distinctKeys(keys: readonly KeyReference[]): readonly KeyReference[] {
  const byName = new Map(keys.map((key) => [`${key.type} ${key.fingerprint}`, key]));
  return [...byName.values()];
}

function refusal(
  { threshold }: SignedBy,
  keys: readonly KeyReference[],
  outcomes: readonly SignatureOutcome[],
): { readonly code: TrustCode; readonly reason: string } {
  const [first] = outcomes;
  if (first === undefined) return { code: 'ERR_NOT_SIGNED', reason: 'it has no signature' };
  if (keys.length > 0)
    return { code: 'ERR_NOT_TRUSTED', reason: `${keys.length} of ${threshold} required keys signed it` };
  const refused = outcomes.find(({ code }) => code !== undefined) ?? first;
  const { code = 'ERR_NOT_TRUSTED', reason } = refused;
  return {
    code,
    reason: refused.key === undefined ? reason : 'its signatures are by keys the policy does not name',
  };
}

function signedReason(keys: readonly KeyReference[], where: string): string {
  return `signed by ${keys.map(({ fingerprint }) => fingerprint).join(' and ')}, as ${where} demands`;
}

/** `policy /etc/…/20-team.json for "example.com/app"`, or `the key store's rule`. */
export function describeRule({ scope, file }: ScopedRule): string {
  if (file === undefined) return "the key store's rule";
  return `policy ${printable(file)} for ${scope === '' ? 'every name' : `"${printable(scope)}"`}`;
}

/** What a rule asks for, in words. */
export function describeDemand(rule: Rule): string {
  if (rule.type !== 'signedBy') return rule.type;
  const { openpgp, cosign, threshold } = rule;
  const isOpen = openpgp === 'keystore' || cosign === 'keystore';
  const keys = isOpen ? 'the keys trusted for the name' : [...openpgp, ...cosign].join(', ');
  return threshold === 1
    ? `a signature by one of ${keys}`
    : `signatures by ${threshold} different of ${keys}`;
}
