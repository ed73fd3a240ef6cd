import { type Flag, type Flags, type GivenFlag, UsageError } from './flag.ts';

/**
 * Has yargs parse a slice of a command line that holds known flags and their values, nothing else. It is told to guess
 * nothing: every value stays the string that was typed. It is loaded for a slice that holds something.
 */
export async function parseFlags(slice: readonly string[], flags: Flags): Promise<readonly GivenFlag[]> {
  if (slice.length === 0) return [];
  const { default: Parser } = await import('yargs-parser/browser');
  const names = Object.keys(flags);
  const { argv, error } = Parser.detailed([...slice], {
    string: names,
    narg: Object.fromEntries(names.map((name) => [name, 1])),
    configuration: LITERALLY,
  });
  // all that can be wrong here: the value of the last flag is missing
  if (error !== null) throw new UsageError(`flag needs an argument: ${slice.at(-1)}`);
  const { _: _words, ...values } = argv;
  return Object.entries(values).flatMap(([name, value]) => givenFlags(name, flags[name], value));
}

const LITERALLY = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'nargs-eats-options': true,
  'parse-numbers': false,
};

/** yargs makes an array of the values of a flag that stands there more than once. */
function givenFlags(
  name: string,
  flag: Flag | undefined,
  value: string | readonly string[],
): readonly GivenFlag[] {
  const values = [value].flat();
  if (flag?.kind !== 'boolean') return values.map((each) => ({ name, value: each }));
  return values.map((each) => ({ name, value: toBoolean(name, each) }));
}

/** Not left to yargs, for which everything but `true` is false. */
function toBoolean(name: string, value: string): 'true' | 'false' {
  if (value === 'true' || value === '1') return 'true';
  if (value === 'false' || value === '0') return 'false';
  throw new UsageError(`invalid value ${JSON.stringify(value)} for --${name}: expected true or false`);
}
