import type { Command } from '../command.ts';
import type { Flags } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { tell } from '../output.ts';
import { positionals } from '../positionals.ts';
import { engineOf } from './engine.ts';
import type { Globals } from './globals.ts';
import { ONE_APP_FLAG, onePod, UUID_FILE_FLAG } from './uuid-arguments.ts';

const FLAGS = { ...ONE_APP_FLAG, ...UUID_FILE_FLAG } as const satisfies Flags;

export const appStop: Command<Globals> = {
  usage: '[FLAGS] UUID',
  summary:
    'Stops an app of a running sandbox: SIGTERM, and SIGKILL after ten seconds. Returns when nothing of it runs any more; it can be started again.',
  example: 'tsrkt app stop --app=web 6733c088',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const values = flagValues(FLAGS, given);
    const engine = engineOf('stop', globals);
    const { app, already } = await engine.stopApp(onePod(words, values['uuid-file']), values.app);
    if (already) tell(`stop: app ${JSON.stringify(app)} does not run`);
    return 0;
  },
};
