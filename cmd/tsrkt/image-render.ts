import { becomeRoot } from '../../stage0/rootless/become-root.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { positionals } from '../positionals.ts';
import type { Globals } from './globals.ts';
import { openStoredImage } from './stored-image.ts';
import { UNPACK_FLAGS } from './unpack-flags.ts';

export const imageRender: Command<Globals> = {
  usage: '[FLAGS] IMAGE DIRECTORY',
  summary: 'Unpacks an image of the store with all that it depends on, as an app sees it.',
  example: 'tsrkt image render example.com/hello ./hello',
  flags: UNPACK_FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const [reference, directory, ...others] = words;
    if (reference === undefined || directory === undefined || others.length > 0)
      throw new UsageError('expected an image and a directory');
    const { 'rootfs-only': rootfsOnly, overwrite } = flagValues(UNPACK_FLAGS, given);
    becomeRoot();
    const { store, image } = await openStoredImage(globals, reference);
    const { unpackTo } = await import('../../image/transport/unpack-to.ts');
    await unpackTo(store, image, { directory, rootfsOnly, overwrite, what: 'rendered' });
    return 0;
  },
};
