import type { Command } from '../command.ts';
import { type Flags, UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { print } from '../output.ts';
import { positionals } from '../positionals.ts';
import { refuseArguments } from './app-args.ts';
import type { Globals } from './globals.ts';
import { PREPARE_FLAGS, pullPolicy } from './prepare-flags.ts';

const FLAGS = {
  full: { kind: 'boolean', describe: 'print whole image IDs' },
  'pull-policy': { ...PREPARE_FLAGS['pull-policy'], describe: 'update (default), new or never' },
  'store-only': PREPARE_FLAGS['store-only'],
  'no-store': PREPARE_FLAGS['no-store'],
} as const satisfies Flags;

export const fetchImages: Command<Globals> = {
  usage: '[FLAGS] IMAGE…',
  summary: 'Brings images into the store, and prints their IDs.',
  example: 'tsrkt fetch --insecure-options=image ./hello.aci',
  flags: FLAGS,
  unsupported: ['signature'],
  async run({ globals, tokens }) {
    refuseArguments(tokens);
    const { words, given } = positionals(tokens);
    if (words.length === 0) throw new UsageError('must provide at least one image');
    const values = flagValues(FLAGS, given);
    pullPolicy(values, 'update');
    const { openStore } = await import('../../image/store.ts');
    const { fetchImage } = await import('../../image/fetch.ts');
    const { hostPlatform } = await import('../../stage0/prepare/platform.ts');
    const options = { insecureImage: globals.insecure.has('image'), host: hostPlatform() };
    for (const word of words) {
      const { id } = await fetchImage(openStore(globals.dataDirectory), word, options);
      print(values.full ? id : id.slice(0, SHORT));
    }
    return 0;
  },
};

/** rkt prints `sha512-` and 32 hex digits. */
const SHORT = 'sha512-'.length + 32;
