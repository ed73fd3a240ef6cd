import { show } from '../../schema/decode-error.ts';
import type { Digest } from '../../schema/digest.ts';
import { lookasideFor } from '../../trust/lookaside.ts';
import { readRegistriesConfig } from '../../trust/registries-d.ts';
import { storedImages } from '../describe.ts';
import { FetchError } from '../fetch/fetch-error.ts';
import { decisionIn } from '../fetch/kept-decision.ts';
import { ociPlatform } from '../fetch/oci.ts';
import type { FetchOptions } from '../fetch/options.ts';
import { registryClient } from '../fetch/registry-client.ts';
import { subjectReference } from '../fetch/subject-reference.ts';
import { openHttp } from '../http.ts';
import { copyParts, type OnBlobBytes } from '../oci/copy-image.ts';
import { type ImageTree, manifestTree, walkImage } from '../oci/image-tree.ts';
import { openLocalSource } from '../oci/open-source.ts';
import type { ImageDocument, ImageSource, ResolvedImage } from '../oci/source.ts';
import type { DockerReference } from '../reference/docker.ts';
import { parseReference, type Reference } from '../reference.ts';
import { fetchLookaside } from '../registry/lookaside.ts';
import { loadRegistryConfigs } from '../registry/mirrors.ts';
import { type RegistrySource, registrySource } from '../registry/registry-source.ts';
import type { Store } from '../store/layout.ts';
import { storedSource } from '../store/oci/stored-source.ts';
import { makeTemporary } from '../store/temporary.ts';
import { copySignatures, firstSigned } from './copy-signatures.ts';
import { DestinationError, openDestination } from './destination.ts';
import { withKeptSignatures } from './kept-signatures.ts';

export type TransferOptions = Pick<FetchOptions, 'http' | 'registries' | 'host' | 'notes'>;

/** An image to be copied as it is, without being unpacked, run or vouched for. */
export interface Transfer {
  readonly from: string;
  readonly to: string;
  /** Whether `from` names an image of the store, even where it could be elsewhere. */
  readonly isStored: boolean;
  /** Whether the images for all platforms are wanted, and the index above them. */
  readonly isWhole: boolean;
  /** Whether signatures, and what else refers to the image, go along. */
  readonly hasSignatures: boolean;
}

/** Copies the image for this machine's platform, or those for all, from one place to another; gives the digest it has in both. */
export async function transferImage(
  store: Store,
  transfer: Transfer,
  options: TransferOptions,
): Promise<Digest> {
  const context = { isFile: () => false, host: options.host };
  const [from, to] = [parseReference(transfer.from, context), parseReference(transfer.to, context)];
  using temporary = makeTemporary(store, 'copy');
  await using source = await openAny(store, from, transfer, options, temporary.path);
  const { tree, indexes } = await (transfer.isWhole ? wholeImage : platformImage)(source, options);
  const document = topOf(tree);
  if (to.kind === 'docker' && (to.digest ?? document.digest) !== document.digest)
    throw new DestinationError(transfer.to, `the image's digest is ${document.digest}`);
  for (const { digest } of tree.foreign)
    options.notes.notice(`layer ${digest} is not to be distributed, and is left out`);
  await using destination = await openDestination(to, transfer.to, options, () => source.repository?.());
  const onBytes: OnBlobBytes = ({ digest, size }, done) =>
    options.notes.progress(`Copying ${digest.slice(0, 'sha256:'.length + 12)}`, done, size);
  await copyParts(source, tree, destination, onBytes);
  if (transfer.hasSignatures) {
    const subjects = tree.documents.map(({ digest }) => digest).reverse();
    const { found, left } = await copySignatures(source, subjects, destination, onBytes);
    if (found === 0) await tellOfOthers(source, document.digest, indexes, options);
    if (left > 0)
      options.notes.notice(
        `simple signing signatures stay behind: ${show(transfer.to)} has no place for them`,
      );
  }
  await destination.putName(document);
  return document.digest;
}

/** Signatures of an index, or of the file that an image came in, say nothing to who has but its manifest. */
async function tellOfOthers(
  source: AnySource,
  copied: Digest,
  indexes: readonly Digest[],
  { notes }: TransferOptions,
): Promise<void> {
  if (source.hasKept === true)
    notes.notice(`the signatures of the image stay behind: they are not of ${copied}, which is copied`);
  const signed = await firstSigned(source, indexes);
  if (signed !== undefined)
    notes.notice(
      `only the index above the image, ${signed}, is signed: --all copies it, with its signatures`,
    );
}

/** What is to be copied, and the indexes above it that are not. */
interface Copied {
  readonly tree: ImageTree;
  readonly indexes: readonly Digest[];
}

async function wholeImage(source: ImageSource, options: TransferOptions): Promise<Copied> {
  const { root, fetchDocument } = source;
  if (root === undefined || fetchDocument === undefined) return platformImage(source, options);
  return { tree: await walkImage(await root(), fetchDocument), indexes: [] };
}

async function platformImage(source: ImageSource, { host }: TransferOptions): Promise<Copied> {
  const image = await source.resolve(ociPlatform(host));
  const tree = manifestTree(documentOf(image), image.manifest);
  return { tree, indexes: image.indexes.map((each) => each.digest) };
}

function documentOf({ manifestBytes, manifestType, manifestDigest }: ResolvedImage): ImageDocument {
  return { bytes: manifestBytes, mediaType: manifestType, digest: manifestDigest };
}

function topOf({ documents }: ImageTree): ImageDocument {
  const top = documents.at(-1);
  if (top === undefined) throw new TypeError('an image without a document');
  return top;
}

/** Of a registry it says in which repository it was found; of the store, whether signatures are kept with it, whatever they are of. */
type AnySource = ImageSource & Partial<Pick<RegistrySource, 'repository'>> & { readonly hasKept?: boolean };

async function openAny(
  store: Store,
  reference: Reference,
  transfer: Transfer,
  options: TransferOptions,
  temporary: string,
): Promise<AnySource> {
  if (transfer.isStored) return openStored(store, reference, transfer, options, temporary);
  switch (reference.kind) {
    case 'docker':
      return openRegistry(reference, options);
    case 'oci':
    case 'oci-archive':
    case 'docker-archive':
    case 'docker-export':
    case 'rootfs':
      return openLocalSource(reference, temporary);
    default:
      return openStored(store, reference, transfer, options, temporary);
  }
}

async function openStored(
  store: Store,
  reference: Reference,
  { from, hasSignatures }: Transfer,
  { host }: TransferOptions,
  temporary: string,
): Promise<AnySource> {
  const [image] = storedImages(store, reference);
  if (image === undefined) throw new FetchError('ERR_NOT_FOUND', `image ${show(from)} is not in the store`);
  const kept = hasSignatures ? (decisionIn(image.record.verification, image.id)?.signatures ?? []) : [];
  const source = await storedSource(store, image, temporary);
  const hasKept = kept.length > 0;
  if (!hasKept || image.record.oci === undefined) return { ...source, hasKept };
  const document = documentOf(await source.resolve(ociPlatform(host)));
  const evidence = kept.map((each) => each.evidence);
  return { ...(await withKeptSignatures(source, document, evidence)), hasKept };
}

async function openRegistry(
  reference: DockerReference,
  { http: httpOptions, registries }: TransferOptions,
): Promise<AnySource> {
  const config = await readRegistriesConfig(registries.lookasideDirectory);
  const lookaside = lookasideFor(config, subjectReference(reference), registries.defaultLookaside);
  const http = openHttp(httpOptions);
  const configs = loadRegistryConfigs(registries.configDirectories);
  const source = registrySource(registryClient(http, registries), reference, configs);
  return {
    ...source,
    simpleSignatures: (digest) => fetchLookaside(http, lookaside, reference.repository, digest),
    [Symbol.asyncDispose]: async () => {
      await source[Symbol.asyncDispose]();
      http[Symbol.dispose]();
    },
  };
}
