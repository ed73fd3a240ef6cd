import type { Command } from '../command.ts';
import type { Flags } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { tell } from '../output.ts';
import { positionals } from '../positionals.ts';
import { engineOf } from './engine.ts';
import type { Globals } from './globals.ts';
import { ALLOW_DOWNGRADE } from './prepare-flags.ts';
import { ONE_APP_FLAG, onePod, UUID_FILE_FLAG } from './uuid-arguments.ts';

const FLAGS = { ...ONE_APP_FLAG, ...UUID_FILE_FLAG, ...ALLOW_DOWNGRADE } as const satisfies Flags;

export const appStart: Command<Globals> = {
  usage: '[FLAGS] UUID',
  summary:
    'Starts an app of a running sandbox that was added or stopped. Its image is judged by the keys and policy of today.',
  example: 'tsrkt app start --app=web 6733c088',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const values = flagValues(FLAGS, given);
    const engine = engineOf('start', globals);
    const review = { allowDowngrade: values['allow-downgrade'] };
    const { app, already } = await engine.startApp(onePod(words, values['uuid-file']), values.app, review);
    if (already) tell(`start: app ${JSON.stringify(app)} is already running`);
    return 0;
  },
};
