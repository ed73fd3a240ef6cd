import { becomeRoot } from '../../stage0/rootless/become-root.ts';
import type { Command } from '../command.ts';
import type { Flags } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { positionals } from '../positionals.ts';
import { engineOf } from './engine.ts';
import type { Globals } from './globals.ts';
import { ALLOW_DOWNGRADE } from './prepare-flags.ts';
import { RUN_FLAGS, runWish } from './run-flags.ts';
import { executableFlag, STAGE1_EXECUTABLE } from './stage1-flags.ts';
import { onePod } from './uuid-arguments.ts';

const FLAGS = {
  ...RUN_FLAGS,
  ...ALLOW_DOWNGRADE,
  ...STAGE1_EXECUTABLE,
} as const satisfies Flags;

export const runPrepared: Command<Globals> = {
  usage: '[FLAGS] UUID',
  summary: 'Runs a pod that was prepared, with this process as its supervisor.',
  example: 'tsrkt run-prepared 6733c088',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const values = flagValues(FLAGS, given);
    const stage1Path = executableFlag(values);
    becomeRoot();
    const uuid = onePod(words, undefined);
    const review = { allowDowngrade: values['allow-downgrade'], stage1Path };
    return engineOf('run-prepared', globals).becomePrepared(uuid, runWish(values, globals), review);
  },
};
