import { anything, array, defaulted, object, record } from '../../schema/decode.ts';
import type { Digest } from '../../schema/digest.ts';
import { formatJson } from '../../schema/format-json.ts';
import { decodeJson } from '../../schema/json.ts';
import { parseImageIndex, parseOciManifest } from '../../schema/oci/manifest.ts';
import { documentKind, OCI_INDEX } from '../../schema/oci/media-type.ts';
import { artifactTypeOf, referrersTag } from '../oci/companion.ts';
import { sha256 } from '../oci/made-image.ts';
import type { ImageDocument } from '../oci/source.ts';
import { fetchManifest, RegistryAnswerError } from './manifest.ts';
import type { Repository } from './repository.ts';

/**
 * The index under the tag `sha256-HEX` with this document added to it: what a client keeps where the registry keeps no list of
 * referrers itself (distribution spec, referrers tag schema). Undefined where it is in it already. What else is in it stays as it is.
 */
export async function extendedFallback(
  repository: Repository,
  subject: Digest,
  referrer: ImageDocument,
): Promise<ImageDocument | undefined> {
  const tag = referrersTag(subject);
  const known = await fetchManifest(repository, tag);
  if (known !== undefined && documentKind(known.mediaType) !== 'index')
    throw new RegistryAnswerError(
      new URL(`manifests/${tag}`, repository.base),
      'it is no index, so no referrer can be added to it',
    );
  if (known !== undefined && lists(known, referrer.digest)) return undefined;
  const { manifests, ...others } = known === undefined ? empty : rawIndex(known);
  const bytes = Buffer.from(formatJson({ ...others, manifests: [...manifests, entryOf(referrer)] }));
  if (bytes.length > MAX_INDEX)
    throw new RegistryAnswerError(new URL(`manifests/${tag}`, repository.base), 'it is full');
  return { bytes, mediaType: known?.mediaType ?? OCI_INDEX, digest: sha256(bytes) };
}

const MAX_INDEX = 4 << 20;

const empty = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] };

function lists({ bytes, mediaType }: ImageDocument, digest: Digest): boolean {
  return parseImageIndex(bytes, mediaType).manifests.some((each) => each.digest === digest);
}

const entries = object({ manifests: defaulted(array(anything), []) });

/** As it came, with all that we know nothing of. */
function rawIndex({ bytes }: ImageDocument): Record<string, unknown> & { manifests: readonly unknown[] } {
  const what = { what: 'image index' };
  return { ...decodeJson(bytes, record(anything), what), ...decodeJson(bytes, entries, what) };
}

function entryOf(document: ImageDocument): Record<string, unknown> {
  const { bytes, mediaType, digest } = document;
  const isIndex = documentKind(mediaType) === 'index';
  const { annotations } = isIndex ? parseImageIndex(bytes, mediaType) : parseOciManifest(bytes, mediaType);
  const artifactType = artifactTypeOf(document);
  return {
    ...{ mediaType, digest, size: bytes.length },
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}
