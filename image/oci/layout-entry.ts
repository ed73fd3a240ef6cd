import type { Digest } from '../../schema/digest.ts';
import type { Descriptor } from '../../schema/oci/descriptor.ts';
import { REF_NAME } from '../../schema/oci/layout.ts';
import { parseImageIndex } from '../../schema/oci/manifest.ts';
import { documentKind, OCI_INDEX } from '../../schema/oci/media-type.ts';
import { artifactTypeOf, type Companion, cosignTag, referrersTag, subjectOf } from './companion.ts';
import { ImageTreeError } from './image-tree.ts';
import type { FetchDocument } from './resolve.ts';
import type { ImageDocument } from './source.ts';

/** The annotation by which `cosign save` says what an entry of index.json is (cosign, pkg/oci/layout). */
const KIND = 'kind';
const IMAGE = 'dev.cosignproject.cosign/image';
const IMAGE_INDEX = 'dev.cosignproject.cosign/imageIndex';
const kinds = { sig: 'dev.cosignproject.cosign/sigs', att: 'dev.cosignproject.cosign/atts' } as const;

/** A tag that is made of an image's digest: of its signatures, or of the list of what refers to it. */
const DIGEST_TAG = /^sha(?:256-[0-9a-f]{64}|512-[0-9a-f]{128})(?:\.\w+)?$/;

/** Whether an entry of index.json is about an image, and is none itself. */
export function isCompanionEntry({ artifactType, annotations = {} }: Descriptor): boolean {
  const { [KIND]: kind = '', [REF_NAME]: name = '' } = annotations;
  return artifactType !== undefined || isCosignKind(kind) || DIGEST_TAG.test(name);
}

function isCosignKind(kind: string): boolean {
  return kind === kinds.sig || kind === kinds.att;
}

/** The name of a companion in a layout; referrers have none. */
export function nameOfCompanion({ kind, subject }: Companion): string | undefined {
  return kind === 'referrer' ? undefined : cosignTag(subject, kind);
}

/** The entry of index.json for a companion. Nothing its author wrote gets into the annotations: they would name it. */
export function companionEntry({ kind, subject, document }: Companion): Descriptor {
  const { mediaType, digest, bytes } = document;
  const entry = { mediaType, digest, size: bytes.length };
  if (kind === 'referrer') return { ...entry, artifactType: artifactTypeOf(document) ?? mediaType };
  return { ...entry, annotations: { [KIND]: kinds[kind], [REF_NAME]: cosignTag(subject, kind) } };
}

/** index.json with this image in it, in the place of what had its name before; of companions the newest. */
export function indexOf(
  known: readonly Descriptor[],
  { mediaType, digest, bytes }: ImageDocument,
  tag?: string,
): string {
  const others = lastOfEach(
    known.filter((each) => (tag === undefined ? each.digest !== digest : nameOf(each) !== tag)),
  );
  const isSigned = others.some((each) => nameOf(each) === cosignTag(digest));
  const kind = documentKind(mediaType) === 'index' ? IMAGE_INDEX : IMAGE;
  const annotations = {
    ...(isSigned ? { [KIND]: kind } : {}),
    ...(tag === undefined ? {} : { [REF_NAME]: tag }),
  };
  const entry = {
    mediaType,
    digest,
    size: bytes.length,
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
  return JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [...others, entry] });
}

function nameOf({ annotations }: Descriptor): string | undefined {
  return annotations?.[REF_NAME];
}

function lastOfEach(entries: readonly Descriptor[]): readonly Descriptor[] {
  const keyOf = (entry: Descriptor) => {
    if (!isCompanionEntry(entry)) return `${nameOf(entry)} ${entry.digest}`;
    return nameOf(entry) ?? entry.digest;
  };
  return [...new Map(entries.map((entry) => [keyOf(entry), entry])).values()];
}

/** What is read of a layout to find out what it is about. */
const MAX_COMPANIONS = 512;

interface Wanted {
  readonly subject: Digest;
  /** Whether it is the image the layout was opened for: signatures that do not say whose they are are its. */
  readonly isRoot: boolean;
}

/** What of a layout's entries is about an image: by cosign's names and kinds, by what they refer to, or listed under its tag. */
export async function* layoutCompanions(
  entries: readonly Descriptor[],
  wanted: Wanted,
  fetchDocument: FetchDocument,
): AsyncGenerator<Companion> {
  const { subject } = wanted;
  const seen = new Set<Digest>([subject]);
  for (const entry of await withListed(entries, subject, fetchDocument)) {
    const kind = kindOf(entry, wanted);
    if (kind === undefined || documentKind(entry.mediaType) === 'artifact' || seen.has(entry.digest))
      continue;
    if (seen.size > MAX_COMPANIONS) throw new ImageTreeError(subject, 'too many artifacts lie beside it');
    seen.add(entry.digest);
    const document = await fetchDocument(entry);
    if (kind !== 'referrer' || subjectOf(document) === subject) yield { kind, subject, document };
  }
}

function kindOf(entry: Descriptor, { subject, isRoot }: Wanted): Companion['kind'] | undefined {
  const name = nameOf(entry) ?? '';
  const ofCosign = (['sig', 'att'] as const).find(
    (kind) => name === cosignTag(subject, kind) || (isRoot && isUnnamed(entry, kind)),
  );
  const isReferrer = entry.artifactType !== undefined && !isCosignKind(entry.annotations?.[KIND] ?? '');
  return ofCosign ?? (isReferrer ? 'referrer' : undefined);
}

/** `cosign save` gives signatures no name, or the image's. */
function isUnnamed(entry: Descriptor, kind: keyof typeof kinds): boolean {
  return entry.annotations?.[KIND] === kinds[kind] && !DIGEST_TAG.test(nameOf(entry) ?? '');
}

/** Other tools keep the list of referrers in a layout as registries do that have no API for it: under the tag `sha256-HEX`. */
async function withListed(
  entries: readonly Descriptor[],
  subject: Digest,
  fetchDocument: FetchDocument,
): Promise<readonly Descriptor[]> {
  const list = entries.find((each) => nameOf(each) === referrersTag(subject));
  if (list === undefined || documentKind(list.mediaType) !== 'index') return entries;
  const { bytes, mediaType } = await fetchDocument(list);
  const listed = parseImageIndex(bytes, mediaType).manifests;
  return [...entries, ...listed.map((each) => ({ artifactType: each.mediaType, ...each }))];
}
