import type { Command } from '../command.ts';
import type { Flags } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { print } from '../output.ts';
import { positionals } from '../positionals.ts';
import type { Globals } from './globals.ts';
import { namedPod, UUID_FILE_FLAG } from './uuid-arguments.ts';

const FLAGS = {
  'pretty-print': { kind: 'string', value: 'BOOL', bare: 'true', describe: 'indent it (default true)' },
  ...UUID_FILE_FLAG,
} as const satisfies Flags;

export const catManifest: Command<Globals> = {
  usage: '[FLAGS] UUID',
  summary: "Prints a pod's manifest.",
  example: 'tsrkt cat-manifest 6733c088',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const values = flagValues(FLAGS, given);
    const uuid = namedPod(words, values['uuid-file'], globals.dataDirectory);
    const { podManifestOf } = await import('../../stage0/cat-manifest.ts');
    const manifest = podManifestOf(globals.dataDirectory, uuid);
    print(JSON.stringify(manifest, null, values['pretty-print'] === 'false' ? undefined : '\t'));
    return 0;
  },
};
