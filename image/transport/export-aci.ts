import { copyFileSync, existsSync, renameSync } from 'node:fs';
import type { StoredImage } from '../store/image.ts';
import { blobFile, type Store } from '../store/layout.ts';
import { imageRootfs } from '../store/rootfs.ts';
import { writeAci } from '../write-aci.ts';
import { DestinationError } from './destination.ts';

/**
 * Writes an image of the store as an ACI: an appc image as it was served, so that its signature is still one; an OCI image as the
 * appc image that says the same, its layers in one.
 */
export async function exportAci(
  store: Store,
  image: StoredImage,
  out: string,
  overwrite: boolean,
): Promise<void> {
  if (!overwrite && existsSync(out))
    throw new DestinationError(out, 'output ACI file exists', 'try --overwrite');
  if (image.record.oci === undefined) {
    const temporary = `${out}.${process.pid}.new`;
    copyFileSync(blobFile(store, image.record.blob), temporary);
    renameSync(temporary, out);
    return;
  }
  const rootfs = await imageRootfs(store, image.id);
  await writeAci({ manifest: image.manifestBytes, rootfs, out, compression: 'gzip' });
}
