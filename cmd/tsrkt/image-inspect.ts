import type { Command } from '../command.ts';
import { UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { FORMAT_FLAG, formatAs } from '../json-format.ts';
import { print } from '../output.ts';
import { positionals } from '../positionals.ts';
import type { Globals } from './globals.ts';
import { openStoredImage } from './stored-image.ts';

export const imageInspect: Command<Globals> = {
  usage: '[FLAGS] IMAGE…',
  summary:
    'Prints what the store knows of images as JSON: where they came from, layers, sizes, signatures, configuration.',
  example: 'tsrkt image inspect docker.io/library/busybox',
  flags: FORMAT_FLAG,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    if (words.length === 0) throw new UsageError('must provide at least one image');
    const { format = 'json-pretty' } = flagValues(FORMAT_FLAG, given);
    const { inspectImage } = await import('../../image/inspect-image.ts');
    for (const word of words) {
      const { store, image } = await openStoredImage(globals, word);
      print(formatAs(format, inspectImage(store, image)) ?? '');
    }
    return 0;
  },
};
