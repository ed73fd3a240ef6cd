import { show } from '../../schema/decode-error.ts';
import { hasKeysFor } from '../../trust/keystore.ts';
import type { OpenpgpKey } from '../../trust/openpgp/key.ts';
import { discoverPublicKeys } from '../discovery.ts';
import { type HttpOptions, openHttp } from '../http.ts';
import { downloadKeys } from '../public-keys.ts';
import { expectedCode } from '../store/error.ts';
import type { FetchOptions } from './options.ts';

/** Keys that a server offers for images whose names are below `prefix`. */
export interface OfferedKeys {
  readonly prefix: string;
  readonly url: URL;
  readonly keys: readonly OpenpgpKey[];
}

/** How keys are looked for while an image is fetched by name, and who decides about those that are found. */
export interface KeyDiscovery {
  readonly http: HttpOptions;
  /** Adds the keys to the key store, or does not. */
  readonly consider: (offered: OfferedKeys) => Promise<void>;
}

/**
 * Looks for keys of an image name (`ac-discovery-pubkeys`) unless some are trusted for it in particular, and has them considered
 * for this name alone. Whatever fails is told and no more: the image may be signed by a key we have.
 */
export async function offerKeys(name: string, options: FetchOptions): Promise<void> {
  const { keyDiscovery, insecureImage, notes } = options;
  if (keyDiscovery === undefined || insecureImage) return;
  if (await hasKeysFor(options.trust().store, name)) {
    notes.notice(`keys already exist for prefix ${show(name)}, not fetching again`);
    return;
  }
  using http = openHttp(keyDiscovery.http);
  const offer = async () => {
    for (const { url } of await discoverPublicKeys({ http }, name))
      await keyDiscovery.consider({ prefix: name, url, keys: await downloadKeys(http, url) });
  };
  await offer().catch((error: Error & { readonly hint?: string }) => {
    if (expectedCode(error) === undefined) throw error;
    notes.notice(`look for keys of ${show(name)}: ${error.message}`);
    if (error.hint !== undefined) notes.notice(`hint: ${error.hint}`);
  });
}
