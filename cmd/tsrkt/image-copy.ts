import type { Transfer } from '../../image/transport/transfer.ts';
import type { Command } from '../command.ts';
import { type Flags, UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { print } from '../output.ts';
import { positionals } from '../positionals.ts';
import { fetchOptions } from './fetch-options.ts';
import type { Globals } from './globals.ts';

const COPY_FLAGS = {
  all: {
    kind: 'boolean',
    describe:
      'copy the images for all platforms, and the index that names them, not only that for this machine',
  },
  'no-signatures': {
    kind: 'boolean',
    describe: 'leave behind what is beside the image: signatures, attestations, whatever refers to it',
  },
} as const satisfies Flags;

const PUSH_FLAGS = {
  'no-signatures': { kind: 'boolean', describe: 'leave behind the signatures that the store keeps' },
} as const satisfies Flags;

export const imageCopy: Command<Globals> = {
  usage: '[FLAGS] FROM TO',
  summary:
    'Copies an image between registries, layouts, archives and the store, as it is; prints its digest.',
  example: 'tsrkt image copy --all docker://busybox oci:./images:busybox',
  flags: COPY_FLAGS,
  run: ({ globals, tokens }) => {
    const { words, given } = positionals(tokens);
    const { all: isWhole, 'no-signatures': isBare } = flagValues(COPY_FLAGS, given);
    return copy('copy', globals, words, { isStored: false, isWhole, hasSignatures: !isBare });
  },
};

export const imagePush: Command<Globals> = {
  usage: '[FLAGS] IMAGE TO',
  summary:
    'Copies an image of the store, with the signatures of it that are kept there, into a registry, a layout or an archive; prints its digest.',
  example: 'tsrkt image push example.com/hello docker://registry.example.com/hello:1.0',
  flags: PUSH_FLAGS,
  run: ({ globals, tokens }) => {
    const { words, given } = positionals(tokens);
    const { 'no-signatures': isBare } = flagValues(PUSH_FLAGS, given);
    return copy('push', globals, words, { isStored: true, isWhole: false, hasSignatures: !isBare });
  },
};

async function copy(
  command: string,
  globals: Globals,
  [from, to, ...others]: readonly string[],
  how: Omit<Transfer, 'from' | 'to'>,
): Promise<number> {
  if (from === undefined || to === undefined || others.length > 0)
    throw new UsageError('expected an image and where to copy it');
  const { openStore } = await import('../../image/store.ts');
  const { transferImage } = await import('../../image/transport/transfer.ts');
  const store = openStore(globals.dataDirectory);
  print(await transferImage(store, { from, to, ...how }, fetchOptions(command, globals, 'never')));
  return 0;
}
