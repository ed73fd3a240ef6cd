import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from '../command.ts';
import { type Flags, UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { print } from '../output.ts';
import { positionals, refuseWords } from '../positionals.ts';
import type { Globals } from './globals.ts';

const FLAGS = {
  root: {
    kind: 'string',
    value: 'DIR',
    describe: 'install into this file system instead, and start nothing',
  },
} as const satisfies Flags;

export const systemdInstall: Command<Globals> = {
  usage: '[FLAGS]',
  summary:
    'Installs units: a timer that removes pods that have ended, the template tsrkt@.service, tsrkt-metadata.socket (to be ' +
    'enabled where pods run with --mds-register), the group tsrkt, and a generator that makes services of ' +
    '/etc/tsrkt/units/*.pod. May be repeated.',
  example: 'tsrkt systemd install',
  flags: FLAGS,
  async run({ tokens }) {
    const { words, given } = positionals(tokens);
    refuseWords(words);
    const { root } = flagValues(FLAGS, given);
    if (root === '') throw new UsageError('--root: the directory cannot be empty');
    const { activate, installFiles, isSystemdBooted } = await import('../../stage0/systemd/install.ts');
    for (const path of installFiles({ root: resolve(root ?? '/'), tsrkt: realpathSync('/proc/self/exe') }))
      print(path);
    if (root === undefined && isSystemdBooted()) activate();
    return 0;
  },
};
