import type { Descriptor } from '../../schema/oci/descriptor.ts';
import { startDownload } from '../http/download.ts';
import type { BlobStream } from '../oci/source.ts';
import type { Repository } from './repository.ts';

/**
 * Opens a blob, from `offset` on where the registry knows ranges; a connection that breaks is taken up again. The `urls` of
 * a descriptor are never followed: they are how an image makes us go, with credentials once, where it likes (CVE-2020-15157).
 */
export async function openRegistryBlob(
  repository: Repository,
  { digest, size }: Descriptor,
  offset = 0,
): Promise<BlobStream> {
  const url = new URL(`blobs/${digest}`, repository.base);
  return startDownload(repository.http, { url, offset, isImmutable: true, maxBytes: size });
}
