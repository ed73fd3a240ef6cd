import { type Decoder, matching, refine } from './decode.ts';
import { DecodeError } from './decode-error.ts';

/** A version as Semantic Versioning 2.0.0 writes it. */
export type SemVer = string & { readonly __brand: 'SemVer' };

const grammar =
  /^(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})(?:-((?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*))*))?(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?$/;

export const semVer: Decoder<SemVer> = matching(grammar, 'a semantic version such as "0.8.11"');

/** `acVersion`: a semantic version other than 0.0.0, which appc uses for "none". */
export const acVersion: Decoder<SemVer> = refine(semVer, (version, at) => {
  if (version === '0.0.0') throw new DecodeError(at, 'the version cannot be 0.0.0');
  return version;
});

/** Order of precedence (SemVer 2.0.0 §11): negative, 0 or positive as `a` is older than, equal to or newer than `b`. */
export function compareSemVer(a: SemVer, b: SemVer): number {
  const [left, right] = [split(a), split(b)];
  for (const index of [0, 1, 2]) {
    const order = (left.numbers[index] ?? 0) - (right.numbers[index] ?? 0);
    if (order !== 0) return order;
  }
  return comparePreRelease(left.preRelease, right.preRelease);
}

function split(version: SemVer): { numbers: readonly number[]; preRelease: readonly string[] } {
  const match = grammar.exec(version);
  return { numbers: match?.slice(1, 4).map(Number) ?? [], preRelease: match?.[4]?.split('.') ?? [] };
}

function comparePreRelease(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length; // a release is newer than its pre-releases
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (right === undefined) return 1;
    const order = compareIdentifier(left, right);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareIdentifier(a: string, b: string): number {
  const [left, right] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (left !== right) return left ? -1 : 1;
  if (left && a.length !== b.length) return a.length - b.length; // no leading zeros: longer is larger
  return a === b ? 0 : a < b ? -1 : 1;
}
