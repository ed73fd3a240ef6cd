import { listKeys } from '../../trust/keystore/list.ts';
import { openKeyStore } from '../../trust/open-trust.ts';
import type { Command } from '../command.ts';
import type { Flags } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { FORMAT_FLAG, formatAs } from '../json-format.ts';
import { print, tell } from '../output.ts';
import { positionals, refuseWords } from '../positionals.ts';
import { safeText } from '../safe-text.ts';
import { formatTable } from '../table.ts';
import type { Globals } from './globals.ts';
import { KEY_TITLES, keyJson, keyRows } from './trust-text.ts';

const FLAGS = {
  'no-legend': { kind: 'boolean', describe: 'without the line of titles' },
  ...FORMAT_FLAG,
} as const satisfies Flags;

export const trustList: Command<Globals> = {
  usage: '[FLAGS]',
  summary: 'Lists the keys of the key store, also those that are masked, revoked or expired.',
  example: 'tsrkt trust list',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    refuseWords(words);
    const { format, 'no-legend': noLegend } = flagValues(FLAGS, given);
    const { keys, problems } = await listKeys(openKeyStore(globals));
    const rows = keyRows(keys);
    print(formatAs(format, keys.map(keyJson)) ?? formatTable(noLegend ? rows : [KEY_TITLES, ...rows]));
    for (const problem of problems) tell(`list: ${safeText(problem.message)}`);
    return 0;
  },
};
