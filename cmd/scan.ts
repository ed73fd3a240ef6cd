import { type Flag, type Flags, type GivenFlag, UsageError } from './flag.ts';

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
}

/**
 * Cuts a command line into tokens. What stands between `--` and `---` (or the end) is not looked at: it is an app's. A stray
 * `---` is skipped, as rkt does.
 */
export function scan(argv: readonly string[], grammar: Grammar): readonly Token[] {
  const tokens: Token[] = [];
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '---') continue;
    if (word === '--') tokens.push({ kind: 'arguments', list: takeArguments(rest) });
    else if (word.startsWith('-') && word !== '-') tokens.push(takeFlag(word, rest, grammar));
    else tokens.push({ kind: 'word', text: word });
  }
  return tokens;
}

/** Takes the flags that stand before the first word, e.g. those before a command's name. */
export function scanLeadingFlags(
  argv: readonly string[],
  grammar: Grammar,
): { readonly given: readonly GivenFlag[]; readonly rest: readonly string[] } {
  const given: GivenFlag[] = [];
  const rest = [...argv];
  while (rest[0]?.startsWith('-') && rest[0] !== '--') {
    const token = takeFlag(rest.shift() ?? '', rest, grammar);
    given.push({ name: token.name, value: token.value });
  }
  return { given, rest };
}

function takeArguments(rest: string[]): readonly string[] {
  const end = rest.indexOf('---');
  if (end === -1) return rest.splice(0);
  return rest.splice(0, end + 1).slice(0, -1);
}

function takeFlag(word: string, rest: string[], grammar: Grammar): FlagToken {
  const [, name = '', equals, value = ''] =
    /^--([^=]*)(=?)(.*)$/s.exec(word === '-h' ? '--help' : word) ?? [];
  const flag = findFlag(name, word, grammar);
  if (equals === '') return { kind: 'flag', name, value: valueAfter(name, flag, rest) };
  return { kind: 'flag', name, value: flag.kind === 'boolean' ? checkBoolean(name, value) : value };
}

function findFlag(name: string, word: string, { flags, unsupported = [] }: Grammar): Flag {
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (flag !== undefined) return flag;
  if (unsupported.includes(name)) throw new UsageError(`--${name} is not supported yet`);
  throw new UsageError(`unknown flag: ${word.split('=')[0]}`);
}

function valueAfter(name: string, flag: Flag, rest: string[]): string {
  if (flag.kind === 'boolean') return 'true';
  if (flag.bare !== undefined) return flag.bare;
  const value = rest.shift();
  if (value === undefined) throw new UsageError(`flag needs an argument: --${name}`);
  return value;
}

function checkBoolean(name: string, value: string): string {
  if (value === 'true' || value === '1') return 'true';
  if (value === 'false' || value === '0') return 'false';
  throw new UsageError(`invalid value ${JSON.stringify(value)} for --${name}: expected true or false`);
}
