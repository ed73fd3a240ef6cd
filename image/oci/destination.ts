import type { Digest } from '../../schema/digest.ts';
import type { Descriptor } from '../../schema/oci/descriptor.ts';
import type { Companion } from './companion.ts';
import type { ImageDocument } from './source.ts';

/** Where an image can be put: a registry or an image layout. */
export interface ImageDestination extends AsyncDisposable {
  /** Whether a blob of this digest and size is there. */
  hasBlob(blob: Descriptor): Promise<boolean>;
  /** Stores a blob; `open` may be called again when sending has to be repeated. Content that is not the descriptor's is refused. */
  putBlob(blob: Descriptor, open: () => AsyncIterable<Buffer>): Promise<void>;
  /** Stores a manifest or index, by its digest, whose blobs and manifests are there already. */
  putDocument(document: ImageDocument): Promise<void>;
  /**
   * Has what was stored by `putDocument` already be found beside the image that it is about; what is there of other signers stays.
   * Before `putName`.
   */
  putCompanion(companion: Companion): Promise<void>;
  /** Adds "simple signing" signatures to those of a document. Absent where there is no place for them. */
  putSimpleSignatures?(subject: Digest, messages: readonly Buffer[]): Promise<void>;
  /** Has the name that the destination was opened with, if any, mean this document: comes last, so that no reader ever sees half of an image. */
  putName(document: ImageDocument): Promise<void>;
}
