import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { parseOciManifest } from '../../../schema/oci/manifest.ts';
import { configOfManifest } from '../../oci/config-of-manifest.ts';
import { fileRange } from '../../oci/file-range.ts';
import { treeSource } from '../../oci/rootfs-source.ts';
import type { ImageSource } from '../../oci/source.ts';
import type { StoredImage } from '../image.ts';
import { blobFile, type Store } from '../layout.ts';
import type { OciParts } from '../record.ts';
import { imageRootfs } from '../rootfs.ts';

/** An image of the store in OCI's form. What an appc image needs for that is made in unnamed files in `temporary`. */
export async function storedSource(
  store: Store,
  image: StoredImage,
  temporary: string,
): Promise<ImageSource> {
  const { oci } = image.record;
  if (oci !== undefined) return ociSource(store, image, oci);
  const rootfs = await imageRootfs(store, image.id);
  return treeSource(rootfs, temporary, (platform, diffId) =>
    configOfManifest(image.manifest, platform, diffId),
  );
}

/** As it was served: digests and signatures stay what they are. */
function ociSource(store: Store, { record }: StoredImage, { mediaType }: OciParts): ImageSource {
  return {
    resolve: async () => {
      const bytes = readFileSync(blobFile(store, record.blob));
      return {
        manifest: parseOciManifest(bytes, mediaType),
        manifestBytes: bytes,
        manifestDigest: record.blob,
        manifestType: mediaType,
        indexes: [],
      };
    },
    openBlob: async ({ digest, size }, offset = 0) => ({
      start: offset,
      bytes: readRange(blobFile(store, digest), offset, size),
    }),
    locateBlob: ({ digest, size }) => ({ path: blobFile(store, digest), offset: 0, size }),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

async function* readRange(path: string, start: number, end: number): AsyncGenerator<Buffer> {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    yield* fileRange(fd, start, end);
  } finally {
    closeSync(fd);
  }
}
