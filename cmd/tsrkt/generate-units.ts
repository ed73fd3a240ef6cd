import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from '../command.ts';
import { UsageError } from '../flag.ts';
import { tell } from '../output.ts';
import { positionals } from '../positionals.ts';
import { FAILURE, reportError } from '../report-error.ts';
import { GLOBAL_FLAGS, type Globals } from './globals.ts';

export const generateUnits: Command<Globals> = {
  usage: 'DIR [DIR DIR]',
  summary:
    'Makes services of the .pod files in /etc/tsrkt/units, as a generator of systemd: the first directory is for them.',
  example: 'tsrkt generate units /run/systemd/generator',
  flags: {},
  async run({ globals, tokens }) {
    const [target, ...others] = positionals(tokens).words;
    if (target === undefined || others.length > 2)
      throw new UsageError('expected the directories of a generator');
    const { run } = await import('./run.ts');
    const { generateUnits: generate } = await import('../../stage0/systemd/generator.ts');
    let failed = false;
    generate({
      source: join(globals.localConfig, 'units'),
      target,
      tsrkt: realpathSync('/proc/self/exe'),
      globalFlags: GLOBAL_FLAGS,
      podFlags: run.flags,
      appFlags: run.appFlags ?? {},
      onProblem(error) {
        failed = true;
        tell(reportError(error, { command: 'units', debug: globals.debug }));
      },
    });
    return failed ? FAILURE : 0;
  },
};
