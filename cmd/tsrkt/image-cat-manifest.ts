import type { Command } from '../command.ts';
import { type Flags, UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { print } from '../output.ts';
import { positionals } from '../positionals.ts';
import type { Globals } from './globals.ts';

const FLAGS = {
  'pretty-print': { kind: 'string', value: 'BOOL', bare: 'true', describe: 'indent it (default true)' },
} as const satisfies Flags;

export const imageCatManifest: Command<Globals> = {
  usage: '[FLAGS] IMAGE',
  summary: "Prints an image's manifest.",
  example: 'tsrkt image cat-manifest example.com/hello',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const [reference] = words;
    if (reference === undefined || words.length > 1) throw new UsageError('expected one image');
    const { findStoredImage } = await import('../../image/fetch.ts');
    const { openStore } = await import('../../image/store.ts');
    const { hostPlatform } = await import('../../stage0/prepare/platform.ts');
    const { manifest } = findStoredImage(openStore(globals.dataDirectory), reference, hostPlatform());
    const { 'pretty-print': pretty } = flagValues(FLAGS, given);
    print(JSON.stringify(manifest, null, pretty === 'false' ? undefined : '\t'));
    return 0;
  },
};
