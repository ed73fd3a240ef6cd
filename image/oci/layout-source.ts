import { DecodeError, show } from '../../schema/decode-error.ts';
import { type Digest, digestAlgorithm, digestHex } from '../../schema/digest.ts';
import type { Descriptor } from '../../schema/oci/descriptor.ts';
import { checkOciLayout, parseLayoutIndex, REF_NAME } from '../../schema/oci/layout.ts';
import { type FileSet, FileSetError, readSmallFile } from './file-set.ts';
import { isCompanionEntry, layoutCompanions } from './layout-entry.ts';
import { resolveImage } from './resolve.ts';
import type { ImageDocument, ImageSource } from './source.ts';
import { readVerified } from './verified-bytes.ts';

/** What is read of a document in a layout, in bytes. */
export const MAX_DOCUMENT = 4 << 20;

/** Where containerd and Docker write the whole reference, `ref.name` being the tag alone. */
const CONTAINERD_NAME = 'io.containerd.image.name';

/** An image of an OCI image layout; `tag` picks one where there are several. */
export function layoutSource(files: FileSet, where: string, tag?: string): ImageSource {
  const open = (blob: Descriptor, offset = 0) => files.open(blobPath(blob.digest), offset);
  const locate = files.locate;
  const fetchDocument = async (descriptor: Descriptor): Promise<ImageDocument> => {
    const { mediaType, digest } = descriptor;
    return { bytes: await readVerified(open(descriptor), descriptor, MAX_DOCUMENT), mediaType, digest };
  };
  const root = async () => fetchDocument(await findRoot(files, where, tag));
  return {
    resolve: async (platform) => resolveImage(await root(), platform, fetchDocument),
    root,
    fetchDocument,
    companions: async function* (subject) {
      const known = await readIndex(files, where);
      const isRoot = (await findRoot(files, where, tag)).digest === subject;
      yield* layoutCompanions(known.manifests, { subject, isRoot }, fetchDocument);
    },
    openBlob: async (blob, offset = 0) => ({ start: offset, bytes: open(blob, offset) }),
    ...(locate === undefined ? {} : { locateBlob: ({ digest }) => locate(blobPath(digest)) }),
    [Symbol.asyncDispose]: async () => files[Symbol.dispose](),
  };
}

/** `blobs/sha256/HEX` */
export function blobPath(digest: Digest): string {
  return `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`;
}

async function findRoot(files: FileSet, where: string, tag: string | undefined): Promise<Descriptor> {
  const manifests = (await readIndex(files, where)).manifests.filter((each) => !isCompanionEntry(each));
  const wanted = tag === undefined ? manifests : manifests.filter((each) => namesOf(each).includes(tag));
  const [root] = wanted;
  if (root !== undefined && wanted.every(({ digest }) => digest === root.digest)) return root;
  const names = manifests.flatMap(namesOf).slice(0, 20).map(show).join(', ');
  const there = names === '' ? 'there are no names in it' : `there are ${names}`;
  const problem =
    tag === undefined ? 'it does not hold one image' : `it does not hold one image called ${show(tag)}`;
  throw new FileSetError(where, `${problem}; ${there}`);
}

async function readIndex(files: FileSet, where: string) {
  try {
    checkOciLayout(await readSmallFile(files, 'oci-layout', MAX_DOCUMENT));
    return parseLayoutIndex(await readSmallFile(files, 'index.json', MAX_DOCUMENT));
  } catch (error) {
    if (error instanceof DecodeError) throw new FileSetError(where, error.message);
    throw error;
  }
}

function namesOf({ annotations = {} }: Descriptor): readonly string[] {
  return [annotations[REF_NAME], annotations[CONTAINERD_NAME]].filter((name) => name !== undefined);
}
