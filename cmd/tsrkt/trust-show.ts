import type { KeyListEntry } from '../../trust/keystore/list.ts';
import { openKeyStore } from '../../trust/open-trust.ts';
import type { Command } from '../command.ts';
import type { Flags } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { FORMAT_FLAG, formatAs } from '../json-format.ts';
import { print } from '../output.ts';
import { positionals } from '../positionals.ts';
import { safeText } from '../safe-text.ts';
import type { Globals } from './globals.ts';
import { entriesOf, namedFingerprint, unknownKey } from './key-arguments.ts';
import { keyJson } from './trust-text.ts';

const FLAGS = { ...FORMAT_FLAG } as const satisfies Flags;

export const trustShow: Command<Globals> = {
  usage: '[FLAGS] FINGERPRINT',
  summary: 'Shows a key, and everything it is trusted for.',
  example: 'tsrkt trust show 9f784e18e483b9e5389674f6e9ea7df96a5c8c35',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const fingerprint = namedFingerprint(words);
    const entries = await entriesOf(openKeyStore(globals), fingerprint);
    const [first] = entries;
    if (first === undefined) throw unknownKey(fingerprint);
    const { format } = flagValues(FLAGS, given);
    print(formatAs(format, entries.map(keyJson)) ?? keyLines(first, entries).join('\n'));
    return 0;
  },
};

/** What a key is, then each place it is trusted by. */
export function keyLines(key: KeyListEntry, places: readonly KeyListEntry[]): readonly string[] {
  const { kind, fingerprint, subkeys, identities, algorithm, created, expires } = key;
  const facts: readonly (readonly [string, string])[] = [
    ['fingerprint', fingerprint],
    ...subkeys.map((subkey) => ['subkey', subkey] as const),
    ...identities.map((identity) => ['identity', identity] as const),
    ['algorithm', `${algorithm} (${kind})`],
    ...(created === undefined ? [] : [['created', created.toISOString()] as const]),
    ['expires', expires?.toISOString() ?? 'never'],
    ...places.map((place) => ['trusted for', placeText(place)] as const),
  ];
  return facts.map(([name, value]) => `${name.padEnd(13)}${safeText(value)}`);
}

function placeText({ scope, state, path, origin }: KeyListEntry): string {
  const names = scope === '' ? 'every name' : JSON.stringify(scope);
  return `${names} by ${path} (${origin}): ${state}`;
}
