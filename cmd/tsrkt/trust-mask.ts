import { maskKey } from '../../trust/keystore/write.ts';
import { openKeyStore } from '../../trust/open-trust.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { print } from '../output.ts';
import { positionals } from '../positionals.ts';
import type { Globals } from './globals.ts';
import { namedFingerprint, slotOf } from './key-arguments.ts';
import { SCOPE_FLAGS, scopeOf } from './trust-scope.ts';

export const trustMask: Command<Globals> = {
  usage: '[FLAGS] FINGERPRINT',
  summary:
    "Takes a key's trust for a prefix away, whatever the system's key store says; tsrkt trust rm undoes it.",
  example: 'tsrkt trust mask --root 9f784e18e483b9e5389674f6e9ea7df96a5c8c35',
  flags: SCOPE_FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const fingerprint = namedFingerprint(words);
    const scope = scopeOf(flagValues(SCOPE_FLAGS, given));
    if (scope === undefined) throw new UsageError('expected --prefix or --root');
    const store = openKeyStore(globals);
    print(`Masked by ${JSON.stringify(maskKey(store, await slotOf(store, scope, fingerprint)))}`);
    return 0;
  },
};
