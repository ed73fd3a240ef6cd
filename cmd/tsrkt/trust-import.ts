import { readFileSync } from 'node:fs';
import { parseCosignKey } from '../../trust/cosign/key.ts';
import { openKeyStore } from '../../trust/open-trust.ts';
import type { Command } from '../command.ts';
import { type Flags, UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { print } from '../output.ts';
import { positionals } from '../positionals.ts';
import type { Globals } from './globals.ts';
import { reviewKeys } from './review-keys.ts';
import { requiredScope, SCOPE_FLAGS } from './trust-scope.ts';

const FLAGS = {
  ...SCOPE_FLAGS,
  'skip-fingerprint-review': { kind: 'boolean', describe: 'trust the keys without asking' },
} as const satisfies Flags;

export const trustImport: Command<Globals> = {
  usage: '[FLAGS] FILE…',
  summary: "Trusts cosign's public keys (PEM) for OCI images under a prefix.",
  example: 'tsrkt trust import --prefix=registry.example.com/team cosign.pub',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    if (words.length === 0) throw new UsageError('must provide at least one key file');
    const values = flagValues(FLAGS, given);
    const prefix = requiredScope(values);
    const review = values['skip-fingerprint-review'] ? 'skip' : 'ask';
    for (const location of words) {
      const keys = parseCosignKey(readFileSync(location), `key file ${location}`);
      await reviewKeys(openKeyStore(globals), { prefix, location, keys, review }, print);
    }
    return 0;
  },
};
