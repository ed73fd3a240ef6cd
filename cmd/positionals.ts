import { type GivenFlag, UsageError } from './flag.ts';
import type { Token } from './scan.ts';

/** The words and flags of a command that takes neither images nor app arguments; what follows `--` are words. */
export function positionals(tokens: readonly Token[]): {
  readonly words: readonly string[];
  readonly given: readonly GivenFlag[];
} {
  const words = tokens.flatMap((token) => {
    if (token.kind === 'word') return [token.text];
    return token.kind === 'arguments' ? token.list : [];
  });
  return { words, given: tokens.filter((token) => token.kind === 'flag') };
}

/** For commands that take no words at all. */
export function refuseWords(words: readonly string[]): void {
  if (words[0] !== undefined) throw new UsageError(`unexpected argument ${JSON.stringify(words[0])}`);
}
