import { becomeRoot } from '../../stage0/rootless/become-root.ts';
import type { Command } from '../command.ts';
import type { Flags } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { print, tell } from '../output.ts';
import { positionals, refuseWords } from '../positionals.ts';
import { parseDuration } from './duration.ts';
import type { Globals } from './globals.ts';

const FLAGS = {
  'grace-period': {
    kind: 'string',
    value: 'DURATION',
    describe: 'how long images are kept after they were last used (default 24h)',
  },
} as const satisfies Flags;

export const imageGc: Command<Globals> = {
  usage: '[FLAGS]',
  summary: 'Removes unpacked images no pod uses, and images nobody used for a while.',
  example: 'tsrkt image gc --grace-period=48h',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    refuseWords(words);
    const { 'grace-period': grace = '24h' } = flagValues(FLAGS, given);
    const graceMs = parseDuration('grace-period', grace);
    becomeRoot();
    const { openStore } = await import('../../image/store.ts');
    const { collectImageGarbage } = await import('../../stage0/image-gc.ts');
    const { dataDirectory } = globals;
    const { trees, images } = collectImageGarbage(dataDirectory, openStore(dataDirectory), graceMs);
    for (const tree of trees) tell(`gc: removed treestore ${JSON.stringify(tree)}`);
    for (const id of images) print(`successfully removed aci for image: "${id}"`);
    if (images.length > 0) tell(`gc: ${images.length} image(s) successfully removed`);
    return 0;
  },
};
