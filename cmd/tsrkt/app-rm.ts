import { becomeRoot } from '../../stage0/rootless/become-root.ts';
import type { Command } from '../command.ts';
import type { Flags } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { positionals } from '../positionals.ts';
import { engineOf } from './engine.ts';
import type { Globals } from './globals.ts';
import { ONE_APP_FLAG, onePod, UUID_FILE_FLAG } from './uuid-arguments.ts';

const FLAGS = { ...ONE_APP_FLAG, ...UUID_FILE_FLAG } as const satisfies Flags;

export const appRm: Command<Globals> = {
  usage: '[FLAGS] UUID',
  summary: 'Removes an app from a running sandbox, with its files; one that runs is stopped first.',
  example: 'tsrkt app rm --app=web 6733c088',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const values = flagValues(FLAGS, given);
    const pod = onePod(words, values['uuid-file']);
    becomeRoot();
    await engineOf('rm', globals).removeApp(pod, values.app);
    return 0;
  },
};
