import { type Infer, object, optional, string } from '../schema/decode.ts';
import { digest } from '../schema/digest.ts';
import { compareSemVer, semVer } from '../schema/semver.ts';
import { timestamp } from './evidence.ts';
import { TrustError } from './trust-error.ts';

/** How new an image is, by what its signer says of it. */
export const freshness = object({
  digest,
  /** The `version` label, or a tag. */
  version: optional(string),
  /** When the image says it was made. */
  created: optional(timestamp),
  /** When its signature says it was made. */
  signed: optional(timestamp),
});
export type Freshness = Infer<typeof freshness>;

/** Refuses an image older than the newest one that ever ran under this name; `undefined`: none did. */
export function refuseDowngrade(name: string, candidate: Freshness, newest: Freshness | undefined): void {
  const reason = newest === undefined ? undefined : olderBecause(candidate, newest);
  if (reason === undefined) return;
  const hint = 'if you mean to go back: --allow-downgrade';
  throw new TrustError('ERR_DOWNGRADE', `run ${name}: ${reason}`, hint);
}

/** The mark to keep after `candidate` ran: a permitted downgrade does not lower it. */
export function newestOf(candidate: Freshness, newest: Freshness | undefined): Freshness {
  return newest !== undefined && olderBecause(candidate, newest) !== undefined ? newest : candidate;
}

/**
 * Why `candidate` is older than `newest`; undefined if it is not, or if nothing can be compared. Versions decide if they
 * differ and can be compared, else the images' dates, else their signatures'.
 */
export function olderBecause(candidate: Freshness, newest: Freshness): string | undefined {
  if (candidate.digest === newest.digest) return undefined;
  const order = compareVersions(candidate.version, newest.version);
  if (order !== undefined && order !== 0)
    return order < 0
      ? `version ${candidate.version} is older than ${newest.version}, which ran here`
      : undefined;
  const dates = [
    ['made', candidate.created, newest.created],
    ['signed', candidate.signed, newest.signed],
  ] as const;
  const [decisive] = dates.filter(([, a, b]) => a !== undefined && b !== undefined && +a !== +b);
  const [how, mine, theirs] = decisive ?? [];
  if (mine === undefined || theirs === undefined || mine > theirs) return undefined;
  return `it was ${how} ${mine.toISOString()}, and one of ${theirs.toISOString()} ran here`;
}

/** Negative, 0 or positive as `a` is older, the same or newer; undefined if one of them is no version of numbers. */
function compareVersions(a: string | undefined, b: string | undefined): number | undefined {
  const [left, right] = [a, b].map(asSemVer);
  return left === undefined || right === undefined ? undefined : compareSemVer(left, right);
}

/** `v1.2` and `1.2` count as `1.2.0`. */
function asSemVer(version = '') {
  const [, numbers = '', rest = ''] = /^v?(\d+(?:\.\d+){0,2})([-+].*)?$/.exec(version) ?? [];
  const padded = [...numbers.split('.'), '0', '0'].slice(0, 3).join('.');
  try {
    return semVer(padded + rest);
  } catch {
    return undefined;
  }
}
