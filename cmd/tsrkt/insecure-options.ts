import type { InsecureOption } from '../../stage0/api.ts';
import { UsageError } from '../flag.ts';

const FETCH = ['image', 'tls', 'http', 'pubkey'] as const;
const RUN = ['capabilities', 'paths', 'seccomp'] as const;

const VALUES: Readonly<Record<string, readonly InsecureOption[]>> = {
  none: [],
  image: ['image'],
  tls: ['tls'],
  ondisk: ['ondisk'],
  http: ['http'],
  pubkey: ['pubkey'],
  capabilities: ['capabilities'],
  paths: ['paths'],
  seccomp: ['seccomp'],
  'all-fetch': FETCH,
  'all-run': RUN,
  all: [...FETCH, ...RUN, 'ondisk'],
};

/** What `--insecure-options=image,paths` switches off; the flag may be repeated. */
export function parseInsecureOptions(given: readonly string[]): ReadonlySet<InsecureOption> {
  const names = given.flatMap((list) => list.split(','));
  return new Set(names.flatMap(optionsOf));
}

function optionsOf(name: string): readonly InsecureOption[] {
  const options = Object.hasOwn(VALUES, name) ? VALUES[name] : undefined;
  if (options !== undefined) return options;
  const known = Object.keys(VALUES).join(', ');
  throw new UsageError(`unknown insecure option ${JSON.stringify(name)}`, `known are: ${known}`);
}
