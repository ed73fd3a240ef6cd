import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../linux/system-error.ts';
import {
  array,
  boolean,
  type Decoder,
  defaulted,
  type Infer,
  integer,
  object,
  optional,
  parsed,
  record,
  refine,
} from '../../schema/decode.ts';
import { DecodeError } from '../../schema/decode-error.ts';
import { decodeJson } from '../../schema/json.ts';
import { identityMatch } from '../oci/identity-match.ts';
import { parseFingerprint } from '../openpgp/fingerprint.ts';
import type { Policy, Rule, ScopedRule, SignedBy } from '../policy.ts';
import { readBounded } from '../read-bounded.ts';
import { TrustError } from '../trust-error.ts';
import { isName } from '../trust-name.ts';

/**
 * Reads `*.json` of each `policy.d` directory, weakest first (system, local, user; within one by name): a later file's rule
 * for the same prefix replaces an earlier one's. Anything not understood is an error, for what a policy forbids must not be
 * lost by a typing mistake.
 *
 * ```json
 * { "default": { "reject": true },
 *   "prefixes": {
 *     "example.com": { "signedBy": "keystore" },
 *     "example.com/core": { "signedBy": { "openpgp": ["FINGERPRINT", …], "cosign": ["SHA-256 OF KEY"] }, "threshold": 2 },
 *     "registry.example.com/x": { "signedBy": "keystore", "signedIdentity": { "type": "matchRepository" } },
 *     "test.example.com": { "insecureAcceptAnything": true } } }
 * ```
 */
export function readPolicy(directories: readonly string[]): Policy {
  const rules = new Map<string, ScopedRule>();
  const hash = createHash('sha256');
  for (const file of directories.flatMap(policyFilesIn)) {
    const content = readBounded(file, 1024 * 1024, (why) => policyError(file, why));
    hash.update(`${file} ${content.length}\n`).update(content);
    for (const { scope, rule } of decodePolicy(content, file)) rules.set(scope, { scope, rule, file });
  }
  return { rules: [...rules.values()], hash: `sha256:${hash.digest('hex')}` };
}

function policyFilesIn(directory: string): readonly string[] {
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
    return names.toSorted().map((name) => join(directory, name));
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

function decodePolicy(content: Uint8Array, file: string): readonly Omit<ScopedRule, 'file'>[] {
  try {
    const document = decodeJson(content, policyDocument, { what: 'policy' });
    const scoped = Object.entries(document.prefixes ?? {}).map(([scope, rule]) => ({ scope, rule }));
    return document.default === undefined ? scoped : [{ scope: '', rule: document.default }, ...scoped];
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw policyError(file, error.message.replace(/^policy: /, ''));
  }
}

function policyError(file: string, why: string): TrustError {
  const hint = 'while a policy cannot be read, no image is trusted';
  return new TrustError('ERR_POLICY', `read policy ${file}: ${why}`, hint);
}

const strict = { unknown: 'reject' } as const;

const yes: Decoder<true> = refine(boolean, (value, at) => {
  if (!value) throw new DecodeError(at, 'expected true; leave it out instead');
  return value;
});

const openpgpFingerprint = parsed(parseFingerprint, 'an OpenPGP fingerprint (40 or 64 hex digits)');

const cosignFingerprint = parsed(
  (text) => /^(?:sha256:)?([0-9a-f]{64})$/.exec(text)?.[1],
  'the SHA-256 of a public key (64 hex digits)',
);

function keystoreOr<T>(list: Decoder<readonly T[]>): Decoder<'keystore' | readonly T[]> {
  return (value, at) => (value === 'keystore' ? value : list(value, at));
}

const keyLists = object(
  {
    openpgp: defaulted(keystoreOr(array(openpgpFingerprint)), []),
    cosign: defaulted(keystoreOr(array(cosignFingerprint)), []),
  },
  strict,
);

const allowedKeys: Decoder<Pick<SignedBy, 'openpgp' | 'cosign'>> = (value, at = '') =>
  value === 'keystore' ? { openpgp: value, cosign: value } : keyLists(value, at);

const ruleFields = object(
  {
    reject: optional(yes),
    insecureAcceptAnything: optional(yes),
    signedBy: optional(allowedKeys),
    threshold: optional(integer(1, 32)),
    signedIdentity: optional(identityMatch),
  },
  strict,
);

const rule: Decoder<Rule> = refine(ruleFields, (fields, at) => {
  const { reject, insecureAcceptAnything, signedBy } = fields;
  if ([reject, insecureAcceptAnything, signedBy].filter((each) => each !== undefined).length !== 1)
    throw new DecodeError(at, 'expected exactly one of reject, insecureAcceptAnything and signedBy');
  if (signedBy !== undefined) return signedByRule({ ...fields, signedBy }, at);
  if (fields.threshold !== undefined || fields.signedIdentity !== undefined)
    throw new DecodeError(at, 'threshold and signedIdentity belong to signedBy');
  return { type: reject === true ? 'reject' : 'insecureAcceptAnything' };
});

type Fields = Infer<typeof ruleFields> & Required<Pick<Infer<typeof ruleFields>, 'signedBy'>>;

function signedByRule({ signedBy, threshold = 1, signedIdentity }: Fields, at: string): SignedBy {
  const { openpgp, cosign } = signedBy;
  const isOpen = openpgp === 'keystore' || cosign === 'keystore';
  const named = isOpen ? Number.POSITIVE_INFINITY : new Set([...openpgp, ...cosign]).size;
  if (named < threshold) throw new DecodeError(at, `it names ${named} keys and asks for ${threshold}`);
  const identity = signedIdentity === undefined ? {} : { signedIdentity };
  return { type: 'signedBy', openpgp, cosign, threshold, ...identity };
}

const prefix = parsed(
  (text) => (isName(text) ? text : undefined),
  'an image name or a prefix of whole components',
);

const policyDocument = object({ default: optional(rule), prefixes: optional(record(rule, prefix)) }, strict);
