import { becomeRoot } from '../../stage0/rootless/become-root.ts';
import type { Command } from '../command.ts';
import type { Flags } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { print } from '../output.ts';
import { splitAppArgs } from './app-args.ts';
import { APP_FLAGS } from './app-flags.ts';
import { engineOf } from './engine.ts';
import type { Globals } from './globals.ts';
import { requireImages } from './pod-manifest-flag.ts';
import { PREPARE_FLAGS } from './prepare-flags.ts';
import { stage1Choice } from './stage1-flags.ts';
import { appWishes, podWish } from './wishes.ts';

const FLAGS = {
  ...PREPARE_FLAGS,
  quiet: { kind: 'boolean', describe: 'say nothing but the UUID' },
} as const satisfies Flags;

export const prepare: Command<Globals> = {
  usage: '[FLAGS] IMAGE [IMAGE FLAGS] [-- ARGUMENTS [---]] …',
  summary: 'Makes a pod of images without running it, and prints its UUID.',
  example: 'tsrkt prepare --insecure-options=image hello.aci',
  flags: FLAGS,
  appFlags: APP_FLAGS,
  async run({ globals, tokens }) {
    const { podFlags, apps } = splitAppArgs(tokens, Object.keys(APP_FLAGS), Object.keys(FLAGS));
    const values = flagValues(FLAGS, podFlags);
    requireImages(apps, values);
    stage1Choice(values, globals);
    becomeRoot();
    const pod = podWish(apps, values, globals);
    const quiet = values.quiet ? { onWarning: () => {} } : {};
    print(await engineOf('prepare', globals).prepare(appWishes(apps), { ...pod, ...quiet }));
    return 0;
  },
};
