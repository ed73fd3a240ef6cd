import type { Command } from '../command.ts';
import { print } from '../output.ts';
import { positionals, refuseWords } from '../positionals.ts';
import { engineOf } from './engine.ts';
import type { Globals } from './globals.ts';

export const events: Command<Globals> = {
  usage: '',
  summary: 'Prints what happens to pods and their apps, one JSON object a line, until it is interrupted.',
  example: 'tsrkt events',
  flags: {},
  async run({ globals, tokens }) {
    refuseWords(positionals(tokens).words);
    for await (const event of engineOf('events', globals).events()) {
      const { exitCode, ...rest } = { exitCode: undefined, ...event };
      const code = exitCode === undefined ? {} : { exit_code: exitCode };
      print(JSON.stringify({ time: new Date().toISOString(), ...rest, ...code }));
    }
    return 0;
  },
};
