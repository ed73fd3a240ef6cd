import type { Command } from '../command.ts';
import type { Flags } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { FORMAT_FLAG, formatAs } from '../json-format.ts';
import { print } from '../output.ts';
import { positionals } from '../positionals.ts';
import { formatTable } from '../table.ts';
import type { Globals } from './globals.ts';
import { appJson } from './pod-json.ts';
import { namedPod, UUID_FILE_FLAG } from './uuid-arguments.ts';

const FLAGS = {
  'no-legend': { kind: 'boolean', describe: 'without the line of titles' },
  ...UUID_FILE_FLAG,
  ...FORMAT_FLAG,
} as const satisfies Flags;

export const appList: Command<Globals> = {
  usage: '[FLAGS] UUID',
  summary: 'Lists the apps of a pod.',
  example: 'tsrkt app list 6733c088',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const { format, 'no-legend': noLegend, 'uuid-file': file } = flagValues(FLAGS, given);
    const { podStatus } = await import('../../stage0/status.ts');
    const { apps } = podStatus(globals.dataDirectory, namedPod(words, file, globals.dataDirectory));
    const rows = apps.map(({ name, state }) => [name, state]);
    print(formatAs(format, apps.map(appJson)) ?? formatTable(noLegend ? rows : [['NAME', 'STATE'], ...rows]));
    return 0;
  },
};
