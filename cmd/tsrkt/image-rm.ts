import type { ImageId } from '../../schema/image-id.ts';
import { becomeRoot } from '../../stage0/rootless/become-root.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../flag.ts';
import { print, tell } from '../output.ts';
import { positionals } from '../positionals.ts';
import { FAILURE, reportError } from '../report-error.ts';
import type { Globals } from './globals.ts';

export const imageRm: Command<Globals> = {
  usage: 'IMAGE…',
  summary: 'Removes images from the store. Pods that use them keep what they need.',
  example: 'tsrkt image rm sha512-60f664472010',
  flags: {},
  async run({ globals, tokens }) {
    const { words } = positionals(tokens);
    if (words.length === 0) throw new UsageError('must provide at least one image');
    becomeRoot();
    const { openStore } = await import('../../image/store.ts');
    const { removeStoredImage } = await import('../../stage0/image-remove.ts');
    const store = openStore(globals.dataDirectory);
    const removed: ImageId[] = [];
    for (const word of words) {
      try {
        removed.push(removeStoredImage(store, word));
        print(`successfully removed aci for image: "${removed.at(-1)}"`);
      } catch (error) {
        tell(reportError(error, { command: 'rm', debug: globals.debug }));
      }
    }
    if (removed.length > 0) tell(`rm: ${removed.length} image(s) successfully removed`);
    if (removed.length === words.length) return 0;
    tell(`rm: ${words.length - removed.length} image(s) cannot be removed`);
    return FAILURE;
  },
};
