import { accessSync } from 'node:fs';
import { refuseHopeless } from '../../trust/refuse-early.ts';
import { importing } from '../store/error.ts';
import type { Store } from '../store/layout.ts';
import { importJudged } from './import-judged.ts';
import type { FetchedImage, FetchOptions, ImageRequest } from './options.ts';
import { signaturesOfFile } from './signature-file.ts';

/** Brings an ACI of this machine into the store, whatever the pull policy: a file is read again each time. */
export async function fetchFile(
  store: Store,
  path: string,
  request: ImageRequest,
  options: FetchOptions,
): Promise<FetchedImage> {
  await importing(request.reference, async () => accessSync(path));
  const signatures = await signaturesOfFile(path, request, options);
  const wanted = { request: request.reference, name: undefined };
  if (!options.insecureImage) await refuseHopeless(wanted, signatures, options.trust());
  return importJudged(store, { ...request, source: { path }, signatures }, options);
}
