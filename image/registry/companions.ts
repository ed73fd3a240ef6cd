import type { Digest } from '../../schema/digest.ts';
import { documentKind } from '../../schema/oci/media-type.ts';
import { type Companion, cosignTag, subjectOf } from '../oci/companion.ts';
import { ImageTreeError } from '../oci/image-tree.ts';
import { fetchManifest } from './manifest.ts';
import { listReferrers, MAX_REFERRERS } from './referrers.ts';
import type { Repository } from './repository.ts';

/** What lies beside an image: by cosign's tags, and what the registry says refers to it and really does. */
export async function* registryCompanions(
  repository: Repository,
  subject: Digest,
): AsyncGenerator<Companion> {
  for (const kind of ['sig', 'att'] as const) {
    const document = await fetchManifest(repository, cosignTag(subject, kind));
    if (document !== undefined && documentKind(document.mediaType) === 'manifest')
      yield { kind, subject, document };
  }
  const referrers = await listReferrers(repository, subject);
  if (referrers.length >= MAX_REFERRERS)
    throw new ImageTreeError(subject, 'too many artifacts refer to it', 'copy it with --no-signatures');
  for (const { digest } of referrers) {
    const document = await fetchManifest(repository, digest);
    if (document !== undefined && subjectOf(document) === subject)
      yield { kind: 'referrer', subject, document };
  }
}
