/** A range of ids that /etc/subuid or /etc/subgid gives to somebody (subuid(5)). */
export interface SubordinateRange {
  /** A login name or a number, as it stands there. */
  readonly owner: string;
  readonly first: number;
  readonly count: number;
}

/** Reads /etc/subuid or /etc/subgid. Like shadow, passes over lines that are not `OWNER:FIRST:COUNT`. */
export function parseSubordinateIds(text: string): readonly SubordinateRange[] {
  return text.split('\n').flatMap((line) => {
    const [, owner, first, count] = /^([^:#]+):(\d{1,10}):(\d{1,10})$/.exec(line.trim()) ?? [];
    const range = { owner: owner ?? '', first: Number(first), count: Number(count) };
    const isUsable = owner !== undefined && range.count > 0 && range.first + range.count <= ID_LIMIT;
    return isUsable ? [range] : [];
  });
}

/** (uid_t)−1 means "unchanged" to the kernel, so it is nobody's number. */
const ID_LIMIT = 0xffff_ffff;

/** The ranges of one user, who may be named by login name or by uid; also for gids, the owner is a user. */
export function rangesOf(
  ranges: readonly SubordinateRange[],
  { name, uid }: { readonly name: string | undefined; readonly uid: number },
): readonly SubordinateRange[] {
  return ranges.filter(({ owner }) => owner === name || owner === String(uid));
}
