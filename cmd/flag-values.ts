import type { Flag, Flags, FlagValues, GivenFlag } from './flag.ts';

/** The typed value of every flag of the table. Where a flag that is no list was given more than once, the last one counts. */
export function flagValues<F extends Flags>(flags: F, given: readonly GivenFlag[]): FlagValues<F> {
  const values = Object.entries(flags).map(([name, flag]) => {
    const mine = given.filter((each) => each.name === name).map((each) => each.value);
    return [name, typed(flag, mine)];
  });
  return Object.fromEntries(values) as FlagValues<F>;
}

function typed(flag: Flag, given: readonly string[]): boolean | string | undefined | readonly string[] {
  switch (flag.kind) {
    case 'boolean':
      return given.at(-1) === 'true';
    case 'list':
      return given;
    case 'string':
      return given.at(-1);
  }
}
