import type { Descriptor } from '../../schema/oci/descriptor.ts';
import type { ImageDocument } from './source.ts';

/** Where an image can be put: a registry or an image layout. */
export interface ImageDestination extends AsyncDisposable {
  hasBlob(blob: Descriptor): Promise<boolean>;
  /** Stores a blob; `open` may be called again when sending has to be repeated. Content that is not the descriptor's is refused. */
  putBlob(blob: Descriptor, open: () => AsyncIterable<Buffer>): Promise<void>;
  /** Stores a manifest or index whose blobs and manifests are there already; under the tag if `isTop`. */
  putDocument(document: ImageDocument, isTop: boolean): Promise<void>;
}
