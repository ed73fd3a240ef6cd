import { readFileSync } from 'node:fs';
import { type Http, openHttp } from '../../image/http.ts';
import { downloadKeys } from '../../image/public-keys.ts';
import { openKeyStore } from '../../trust/open-trust.ts';
import { type OpenpgpKey, parseKeys } from '../../trust/openpgp/key.ts';
import type { Command } from '../command.ts';
import { type Flags, type FlagValues, UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { print } from '../output.ts';
import { positionals } from '../positionals.ts';
import { httpOptions } from './fetch-options.ts';
import type { Globals } from './globals.ts';
import { reviewKeys } from './review-keys.ts';
import { requiredScope, SCOPE_FLAGS, scopeOf } from './trust-scope.ts';

const FLAGS = {
  ...SCOPE_FLAGS,
  'skip-fingerprint-review': { kind: 'boolean', describe: 'trust the keys without asking' },
  'insecure-allow-http': { kind: 'boolean', describe: 'allow keys, and discovery of keys, over http' },
} as const satisfies Flags;

type Values = FlagValues<typeof FLAGS>;

export const trust: Command<Globals> = {
  usage: '[FLAGS] [KEYFILE|URL]…',
  summary:
    'Trusts OpenPGP keys for images under a prefix, once somebody compared their fingerprints. Without a file or URL the ' +
    "prefix's own server is asked for its keys. See also: tsrkt trust list, show, rm, mask, import, revoke, explain.",
  example: 'tsrkt trust --prefix=example.com/hello ./publisher.asc',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const values = flagValues(FLAGS, given);
    using http = openKeyHttp(values, globals);
    const { prefix, locations } = await keyLocations(words, values, http);
    const store = openKeyStore(globals);
    const review = values['skip-fingerprint-review'] ? 'skip' : 'ask';
    for (const location of locations) {
      const keys = await keysAt(location, values, http);
      await reviewKeys(store, { prefix, location, keys, review }, print);
    }
    return 0;
  },
};

/** Keys come from servers with good certificates, also after redirects, unless both checks are switched off. */
function openKeyHttp(values: Values, { insecure }: Globals): Http {
  return openHttp(httpOptions(insecure.has('tls') && insecure.has('pubkey'), values['insecure-allow-http']));
}

async function keyLocations(
  words: readonly string[],
  values: Values,
  http: Http,
): Promise<{ readonly prefix: string; readonly locations: readonly string[] }> {
  if (words.length > 0) return { prefix: requiredScope(values), locations: words };
  const prefix = scopeOf(values);
  if (!prefix)
    throw new UsageError('expected key files or URLs, or a --prefix whose server is asked for keys');
  const { discoverPublicKeys } = await import('../../image/discovery.ts');
  const found = await discoverPublicKeys({ http }, prefix);
  return { prefix, locations: found.map(({ url }) => url.href) };
}

async function keysAt(location: string, values: Values, http: Http): Promise<readonly OpenpgpKey[]> {
  if (!/^https?:\/\//i.test(location)) return parseKeys(readFileSync(location), `key file ${location}`);
  const url = new URL(location);
  if (url.protocol === 'http:' && !values['insecure-allow-http'])
    throw new UsageError('--insecure-allow-http required for http URLs');
  return downloadKeys(http, url);
}
