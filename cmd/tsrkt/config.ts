import { formatJson } from '../../schema/format-json.ts';
import type { Command } from '../command.ts';
import type { Flags } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { print } from '../output.ts';
import { positionals, refuseWords } from '../positionals.ts';
import type { Globals } from './globals.ts';

const FLAGS = {
  'pretty-print': {
    kind: 'string',
    value: 'BOOL',
    bare: 'true',
    describe: 'indented (default), or on one line',
  },
} as const satisfies Flags;

export const config: Command<Globals> = {
  usage: '[FLAGS]',
  summary:
    "Prints the configuration that the vendor's, the administrator's and the user's files make together; no passwords or keys.",
  example: 'tsrkt config',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    refuseWords(words);
    const { 'pretty-print': pretty } = flagValues(FLAGS, given);
    const { mergedConfig } = await import('../../stage0/config/merged.ts');
    const { systemConfig, localConfig, userConfig } = globals;
    const directories = [systemConfig, localConfig, ...(userConfig === undefined ? [] : [userConfig])];
    print(formatJson({ stage0: mergedConfig(directories) }, pretty === 'false' ? undefined : 2));
    return 0;
  },
};
