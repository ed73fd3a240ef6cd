import { MAX_KEY_FILE_BYTES, type OpenpgpKey, parseKeys } from '../trust/openpgp/key.ts';
import { readBody } from './http/body.ts';
import { HttpStatusError } from './http/download.ts';
import { printableUrl } from './http/url.ts';
import type { Http } from './http.ts';

/** How long a server may take to begin with its answer, in milliseconds. */
const PATIENCE = 120_000;

/** The OpenPGP keys that a server gives; to trust them is somebody else's decision. Credentials are never sent. */
export async function downloadKeys(http: Http, url: URL): Promise<readonly OpenpgpKey[]> {
  const response = await http.request({ url, maxBytes: MAX_KEY_FILE_BYTES, answerMs: PATIENCE });
  if (response.status !== 200) {
    await response.discard();
    throw new HttpStatusError(url, response.status);
  }
  return parseKeys(await readBody(response.body), `keys from ${printableUrl(url)}`);
}
