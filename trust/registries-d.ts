import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../linux/system-error.ts';
import { type Infer, object, optional, parsed, record } from '../schema/decode.ts';
import { DecodeError } from '../schema/decode-error.ts';
import { readBounded } from './read-bounded.ts';
import { TrustError } from './trust-error.ts';

/**
 * Where the signatures of images live: what `registries.d` of containers/image says. Keys are scopes (a registry, namespace,
 * repository or complete reference) or `default-docker`; a scope without a location uses the default directory.
 */
export type RegistriesConfig = ReadonlyMap<string, SignatureStorage>;

/** Where signatures are read, and where they are written if that is not the same. */
export interface SignatureStorage {
  readonly read?: URL | undefined;
  readonly staging?: URL | undefined;
}

/**
 * Reads `*.yaml` of a `registries.d` directory (containers-registries.d(5)); a scope may stand in one file only. Other keys
 * than those of lookaside storage are ignored.
 */
export async function readRegistriesConfig(directory: string): Promise<RegistriesConfig> {
  const config = new Map<string, SignatureStorage>();
  for (const file of yamlFilesIn(directory)) {
    for (const [scope, storage] of await readScopes(file)) {
      if (config.has(scope)) throw configError(file, `scope "${scope}" stands in another file too`);
      config.set(scope, {
        read: storage.lookaside ?? storage.sigstore,
        staging: storage['lookaside-staging'] ?? storage['sigstore-staging'],
      });
    }
  }
  return config;
}

const location = parsed((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^(https?|file):$/.test(url.protocol) ? url : undefined;
}, 'an http, https or file URL');

export const DEFAULT_SCOPE = 'default-docker';

/** `sigstore` is the older name of `lookaside`. */
const entry = object({
  lookaside: optional(location),
  'lookaside-staging': optional(location),
  sigstore: optional(location),
  'sigstore-staging': optional(location),
});

const registriesDocument = object({ 'default-docker': optional(entry), docker: optional(record(entry)) });

function yamlFilesIn(directory: string): readonly string[] {
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith('.yaml'));
    return names.toSorted().map((name) => join(directory, name));
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

async function readScopes(file: string): Promise<readonly (readonly [string, Infer<typeof entry>])[]> {
  const { parse } = await import('yaml');
  const text = readBounded(file, 1024 * 1024, (why) => configError(file, why)).toString();
  try {
    const { docker = {}, 'default-docker': fallback } = registriesDocument(parse(text) ?? {});
    return [
      ...(fallback === undefined ? [] : [[DEFAULT_SCOPE, fallback] as const]),
      ...Object.entries(docker),
    ];
  } catch (error) {
    const isForeign = error instanceof DecodeError || (error as Error).name.startsWith('YAML');
    if (!isForeign) throw error;
    throw configError(file, String((error as Error).message.split('\n')[0]));
  }
}

function configError(file: string, why: string): TrustError {
  return new TrustError('ERR_BAD_LOOKASIDE', `read ${file}: ${why}`);
}
