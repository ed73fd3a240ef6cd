import { type Flag, type Flags, type GivenFlag, UsageError } from './flag.ts';
import { parseFlags } from './parse-flags.ts';

/** A piece of a command line: a flag with its value, a word (`run`, an image, a UUID), or `--` and its like. */
export type Token =
  | FlagToken
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'arguments'; readonly list: readonly string[] };

interface FlagToken extends GivenFlag {
  readonly kind: 'flag';
}

export interface Grammar {
  readonly flags: Flags;
  /** Flags that rkt has and we do not have yet. */
  readonly unsupported?: readonly string[];
  /** After so many words the rest is an app's, with or without `--` before it. */
  readonly argumentsAfter?: number | undefined;
}

/**
 * Cuts a command line into slices of flags, each parsed by yargs, and what stands between them. What stands between `--` and
 * `---` (or the end) is not looked at: it is an app's. A stray `---` is skipped, as rkt does.
 */
export async function scan(argv: readonly string[], grammar: Grammar): Promise<readonly Token[]> {
  const tokens: Token[] = [];
  const rest = [...argv];
  while (rest.length > 0) {
    if (countWords(tokens) === grammar.argumentsAfter) return [...tokens, restAsArguments(rest)];
    const flags = await parseFlags(takeSlice(rest, grammar), grammar.flags);
    tokens.push(...flags.map((flag): Token => ({ kind: 'flag', ...flag })));
    const word = rest.shift();
    if (word === '--') tokens.push({ kind: 'arguments', list: takeArguments(rest) });
    else if (word !== undefined && word !== '---') tokens.push({ kind: 'word', text: word });
  }
  return tokens;
}

function countWords(tokens: readonly Token[]): number {
  return tokens.filter(({ kind }) => kind === 'word').length;
}

function restAsArguments(rest: readonly string[]): Token {
  return { kind: 'arguments', list: rest[0] === '--' ? rest.slice(1) : rest };
}

/** Takes the flags that stand before the first word, e.g. those before a command's name. */
export async function scanLeadingFlags(
  argv: readonly string[],
  grammar: Grammar,
): Promise<{ readonly given: readonly GivenFlag[]; readonly rest: readonly string[] }> {
  const rest = [...argv];
  return { given: await parseFlags(takeSlice(rest, grammar), grammar.flags), rest };
}

/** Takes the flags up to the next word. */
function takeSlice(rest: string[], grammar: Grammar): readonly string[] {
  const slice: string[] = [];
  while (isFlag(rest[0])) slice.push(...takeFlag(rest, grammar));
  return slice;
}

/**
 * Takes a flag and its value, in a form that yargs understands: only a known one, because yargs would make something of
 * `-debug`, `--no-net` and `--_`; and a value left out is written out, because yargs has no flag whose value is optional
 * (`--net`), and takes a `true` after a boolean for its value.
 */
function takeFlag(rest: string[], grammar: Grammar): readonly string[] {
  const word = rest.shift() ?? '';
  const { name, flag } = findFlag(word === '-h' ? '--help' : word, grammar);
  const bare = flag.kind === 'boolean' ? 'true' : flag.bare;
  if (word.includes('=')) return [word];
  if (bare !== undefined) return [`--${name}=${bare}`];
  return [word, ...rest.splice(0, isSeparator(rest[0]) ? 0 : 1)];
}

function isFlag(word: string | undefined): word is string {
  return word !== undefined && /^-./s.test(word) && !isSeparator(word);
}

function isSeparator(word: string | undefined): boolean {
  return word === '--' || word === '---';
}

function findFlag(
  word: string,
  { flags, unsupported = [] }: Grammar,
): { readonly name: string; readonly flag: Flag } {
  const [, name = ''] = /^--([^=]*)/.exec(word) ?? [];
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (flag !== undefined) return { name, flag };
  if (unsupported.includes(name)) throw new UsageError(`--${name} is not supported yet`);
  throw new UsageError(`unknown flag: ${word.split('=')[0]}`);
}

function takeArguments(rest: string[]): readonly string[] {
  const end = rest.indexOf('---');
  if (end === -1) return rest.splice(0);
  return rest.splice(0, end + 1).slice(0, -1);
}
