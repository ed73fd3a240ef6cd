import { statSync } from 'node:fs';
import type { ImageId } from '../schema/image-id.ts';
import type { ImageManifest } from '../schema/image-manifest.ts';
import { type FetchOptions, findTrusted, requireInsecure } from './fetch.ts';
import type { AciInspection } from './inspect-aci.ts';
import { parseReference } from './reference.ts';
import type { Store } from './store/layout.ts';

/** What an image says, without its being brought into the store. */
export interface ImageDescription {
  readonly id: ImageId;
  readonly manifest: ImageManifest;
  /** For an image that is a file. */
  readonly inspection: AciInspection | undefined;
}

/** The image that `text` means, under the conditions of `fetchImage`; nothing is written. */
export async function describeImage(
  store: Store,
  text: string,
  options: FetchOptions,
): Promise<ImageDescription> {
  const reference = parseReference(text, { isFile, host: options.host });
  if (reference.kind !== 'file')
    return { ...findTrusted(store, text, reference, options), inspection: undefined };
  requireInsecure(text, options);
  const { inspectAci } = await import('./inspect-aci.ts');
  const inspection = await inspectAci(reference.path);
  return { id: inspection.id, manifest: inspection.manifest, inspection };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
