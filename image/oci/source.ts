import type { Digest } from '../../schema/digest.ts';
import type { Descriptor } from '../../schema/oci/descriptor.ts';
import type { OciManifest } from '../../schema/oci/manifest.ts';
import type { MediaType } from '../../schema/oci/media-type.ts';
import type { Platform } from '../../schema/oci/platform.ts';

import type { Companion } from './companion.ts';

/** A manifest or index as it came, with the digest of its bytes and the type it was announced with. */
export interface ImageDocument {
  readonly bytes: Buffer;
  readonly mediaType: MediaType;
  readonly digest: Digest;
}

/** An image for one platform. Whether it is to be trusted is not said: a signature may be on the manifest or the index. */
export interface ResolvedImage {
  readonly manifest: OciManifest;
  readonly manifestBytes: Buffer;
  readonly manifestDigest: Digest;
  readonly manifestType: MediaType;
  /** The indexes on the way to the manifest, outermost first; each holds the digest of the next. */
  readonly indexes: readonly ImageDocument[];
}

/** Bytes of a blob, from `start` on. */
export interface BlobStream {
  /** The offset asked for, or 0 where the source can only begin at the beginning. */
  readonly start: number;
  readonly bytes: AsyncIterable<Buffer>;
}

/** A blob that lies in a file on this machine, so that it need not be copied through us. */
export interface BlobPlace {
  readonly path: string;
  readonly offset: number;
  readonly size: number;
}

/** Where an image is: a registry, an image layout, an archive. */
export interface ImageSource extends AsyncDisposable {
  /** Finds the image for a platform. The digests of all documents it returns are checked. */
  resolve(platform: Platform): Promise<ResolvedImage>;
  /** The document that has the image's name: often an index of images for many platforms. Absent where there is but one image. */
  root?(): Promise<ImageDocument>;
  /** Fetches a document that `root`, or one below it, names; its digest is checked. There if `root` is. */
  fetchDocument?(descriptor: Descriptor): Promise<ImageDocument>;
  /** What lies beside a document of the image and is about it: signatures, attestations. Absent where nothing can. */
  companions?(subject: Digest): AsyncIterable<Companion>;
  /** "Simple signing" signatures of a document of the image. */
  simpleSignatures?(subject: Digest): Promise<readonly Buffer[]>;
  /** Opens a blob. Its bytes are NOT verified: whoever takes them hashes them, or wraps them in `verifiedBytes`. */
  openBlob(blob: Descriptor, offset?: number): Promise<BlobStream>;
  /** Where the blob is on this machine, unverified like all else. */
  locateBlob?(blob: Descriptor): BlobPlace | undefined;
}
