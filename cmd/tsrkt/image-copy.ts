import type { Command } from '../command.ts';
import { UsageError } from '../flag.ts';
import { print } from '../output.ts';
import { positionals } from '../positionals.ts';
import { fetchOptions } from './fetch-options.ts';
import type { Globals } from './globals.ts';

export const imageCopy: Command<Globals> = {
  usage: 'FROM TO',
  summary:
    'Copies an image between registries, layouts, archives and the store, as it is; prints its digest.',
  example: 'tsrkt image copy docker://busybox oci:./images:busybox',
  flags: {},
  run: ({ globals, tokens }) => copy('copy', globals, positionals(tokens).words, false),
};

export const imagePush: Command<Globals> = {
  usage: 'IMAGE TO',
  summary: 'Copies an image of the store into a registry, a layout or an archive; prints its digest there.',
  example: 'tsrkt image push example.com/hello docker://registry.example.com/hello:1.0',
  flags: {},
  run: ({ globals, tokens }) => copy('push', globals, positionals(tokens).words, true),
};

async function copy(
  command: string,
  globals: Globals,
  [from, to, ...others]: readonly string[],
  isStored: boolean,
): Promise<number> {
  if (from === undefined || to === undefined || others.length > 0)
    throw new UsageError('expected an image and where to copy it');
  const { openStore } = await import('../../image/store.ts');
  const { transferImage } = await import('../../image/transport/transfer.ts');
  const store = openStore(globals.dataDirectory);
  print(await transferImage(store, { from, to, isStored }, fetchOptions(command, globals, 'never')));
  return 0;
}
