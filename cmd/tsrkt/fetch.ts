import { becomeRoot } from '../../stage0/rootless/become-root.ts';
import type { Command } from '../command.ts';
import { type Flags, UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { print } from '../output.ts';
import { refuseArguments, splitAppArgs } from './app-args.ts';
import { SIGNATURE_FLAG, signatureFile } from './app-flags.ts';
import { engineOf } from './engine.ts';
import type { Globals } from './globals.ts';
import { PREPARE_FLAGS, pullPolicy } from './prepare-flags.ts';

const FLAGS = {
  full: { kind: 'boolean', describe: 'print whole image IDs' },
  'pull-policy': { ...PREPARE_FLAGS['pull-policy'], describe: 'update (default), new or never' },
  'store-only': PREPARE_FLAGS['store-only'],
  'no-store': PREPARE_FLAGS['no-store'],
} as const satisfies Flags;

export const fetchImages: Command<Globals> = {
  usage: '[FLAGS] IMAGE [--signature=FILE] …',
  summary: 'Brings images into the store once their signatures are verified, and prints their IDs.',
  example: 'tsrkt fetch ./hello.aci --signature=hello.aci.asc',
  flags: FLAGS,
  appFlags: SIGNATURE_FLAG,
  async run({ globals, tokens }) {
    refuseArguments(tokens);
    const { podFlags, apps } = splitAppArgs(tokens, Object.keys(SIGNATURE_FLAG));
    if (apps.length === 0) throw new UsageError('must provide at least one image');
    const values = flagValues(FLAGS, podFlags);
    becomeRoot();
    const options = { pullPolicy: pullPolicy(values, 'update') };
    const engine = engineOf('fetch', globals);
    for (const app of apps) {
      const wanted = { reference: app.reference, signatureFile: signatureFile(app) };
      const id = await engine.fetch(wanted, options);
      print(values.full ? id : id.slice(0, SHORT));
    }
    return 0;
  },
};

/** rkt prints `sha512-` and 32 hex digits. */
const SHORT = 'sha512-'.length + 32;
