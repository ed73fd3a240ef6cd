import { removeKey } from '../../trust/keystore/write.ts';
import type { KeyStore } from '../../trust/keystore.ts';
import { openKeyStore } from '../../trust/open-trust.ts';
import type { Fingerprint } from '../../trust/openpgp/fingerprint.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { print } from '../output.ts';
import { positionals } from '../positionals.ts';
import type { Globals } from './globals.ts';
import { entriesOf, namedFingerprint, slotOf, unknownKey } from './key-arguments.ts';
import { SCOPE_FLAGS, scopeOf } from './trust-scope.ts';

export const trustRm: Command<Globals> = {
  usage: '[FLAGS] FINGERPRINT',
  summary:
    "Removes a key, or its mask, from the administrator's key store. Without a flag, from where it is, if that is one place.",
  example: 'tsrkt trust rm 9f784e18e483b9e5389674f6e9ea7df96a5c8c35',
  flags: SCOPE_FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const fingerprint = namedFingerprint(words);
    const store = openKeyStore(globals);
    const scope = scopeOf(flagValues(SCOPE_FLAGS, given)) ?? (await onlyScope(store, fingerprint));
    print(`Removed ${JSON.stringify(removeKey(store, await slotOf(store, scope, fingerprint)))}`);
    return 0;
  },
};

async function onlyScope(store: KeyStore, fingerprint: Fingerprint): Promise<string> {
  const entries = await entriesOf(store, fingerprint);
  const [local, another] = entries.filter(({ origin }) => origin === 'local');
  if (another !== undefined)
    throw new UsageError(`key ${fingerprint} is trusted by several files: name a --prefix, or say --root`);
  if (local !== undefined) return local.scope;
  if (entries.length > 0)
    throw new UsageError(`key ${fingerprint} is one of the system's`, 'it can be masked: tsrkt trust mask');
  throw unknownKey(fingerprint);
}
