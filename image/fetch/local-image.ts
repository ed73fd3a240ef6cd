import { basename } from 'node:path';
import { sanitizeAcIdentifier } from '../../schema/ac-identifier.ts';
import { type Evidence, openpgpEvidence } from '../../trust/evidence.ts';
import { blobHasher } from '../../trust/openpgp/blob-hasher.ts';
import { type DetachedSignature, MAX_SIGNATURES } from '../../trust/openpgp/signature.ts';
import { refuseHopeless, refuseUnsignable, refuseUnvouchedAci } from '../../trust/refuse-early.ts';
import { type LocalReference, openLocalSource } from '../oci/open-source.ts';
import { evidenceBeside } from '../oci/signature-evidence.ts';
import type { ResolvedImage } from '../oci/source.ts';
import { type DockerReference, dockerName, parseDockerReference } from '../reference/docker.ts';
import { ImageReferenceError } from '../reference/image-reference-error.ts';
import { type StagedBlob, stageBlob } from '../store/blob.ts';
import { importing } from '../store/error.ts';
import type { Store } from '../store/layout.ts';
import { makeTemporary } from '../store/temporary.ts';
import { fetchOci } from './oci.ts';
import type { FetchedImage, FetchOptions, ImageRequest } from './options.ts';
import { signaturesOfFile } from './signature-file.ts';
import { subjectReference } from './subject-reference.ts';

/**
 * Brings an OCI or Docker image of this machine, or a bare root file system, into the store. An archive can be signed as a file,
 * beside it in `FILE.asc`. In an image layout cosign's signatures of the image may lie, for the name that the user gives it in full: what
 * the layout itself says that it is does not count.
 */
export async function fetchLocalImage(
  store: Store,
  reference: LocalReference,
  request: ImageRequest,
  options: FetchOptions,
): Promise<FetchedImage> {
  const full = fullReference(reference);
  const { name, tag } = full === undefined ? localName(reference) : { ...full, name: dockerName(full) };
  using temporary = makeTemporary(store, 'source');
  using signed = await stageSigned(store, { reference, name }, request, options);
  const place = signed === undefined ? reference : { ...reference, path: signed.staged.path };
  await using source = await importing(request.reference, () =>
    openLocalSource(place, temporary.path, reference.path),
  );
  const wanted = {
    request: request.reference,
    name,
    tag,
    ...(full === undefined ? {} : { reference: subjectReference(full) }),
    file: signed?.staged.digest,
    evidence: async ({ manifestDigest, indexes }: ResolvedImage) => {
      const inside = await evidenceBeside(source, [manifestDigest, ...indexes.map(({ digest }) => digest)]);
      return [...(signed?.evidence ?? []), ...inside].slice(0, MAX_SIGNATURES);
    },
  };
  return await fetchOci(store, source, wanted, options);
}

/** An archive whose bytes nobody can change any more, and the evidence of its signatures. */
interface SignedArchive extends Disposable {
  readonly staged: StagedBlob;
  readonly evidence: readonly Evidence[];
}

/** What nobody whom we trust has signed is not opened. Undefined where signatures are not asked for, or cannot be. */
async function stageSigned(
  store: Store,
  { reference, name }: { readonly reference: LocalReference; readonly name: string },
  request: ImageRequest,
  options: FetchOptions,
): Promise<SignedArchive | undefined> {
  if (options.insecureImage) return undefined;
  const isFile = reference.kind !== 'oci' && reference.kind !== 'rootfs';
  const signatures: readonly DetachedSignature[] = isFile
    ? await signaturesOfFile(reference.path, request, options)
    : [];
  const wanted = { request: request.reference, name };
  const mayHoldSignatures = reference.kind === 'oci' || reference.kind === 'oci-archive';
  if (signatures.length === 0 && mayHoldSignatures) {
    await refuseUnsignable(wanted, options.trust());
    return undefined;
  }
  await refuseHopeless(wanted, signatures, options.trust());
  if (signatures.length === 0) return undefined;
  const hasher = blobHasher(['sha512'], signatures);
  const staged = await importing(request.reference, () => stageBlob(store, { path: reference.path }, hasher));
  try {
    const evidence = openpgpEvidence(signatures, hasher, new Date());
    await refuseUnvouchedAci(wanted, evidence, options.trust());
    return { staged, evidence, [Symbol.dispose]: () => staged[Symbol.dispose]() };
  } catch (error) {
    staged[Symbol.dispose]();
    throw error;
  }
}

/** The image of a registry that the user names in full: `oci:DIRECTORY:registry.example/app:v1`. `app:v1` alone names none. */
function fullReference(reference: LocalReference): DockerReference | undefined {
  if (!('tag' in reference) || reference.tag === undefined) return undefined;
  try {
    const full = parseDockerReference(reference.tag);
    return reference.tag.startsWith(dockerName(full)) ? full : undefined;
  } catch (error) {
    if (error instanceof ImageReferenceError) return undefined;
    throw error;
  }
}

/** What an image of this machine is called: by the name in its reference, or by its file's. */
export function localName(reference: LocalReference): { readonly name: string; readonly tag?: string } {
  const file = basename(reference.path).replace(/\.(?:tar|zip|tgz|oci)(?:\.\w+)?$/, '');
  if ('image' in reference && reference.image !== undefined) return named(reference.image);
  if (!('tag' in reference) || reference.tag === undefined) return { name: sanitizeAcIdentifier(file) };
  const { tag } = reference;
  return tag.includes(':') || tag.includes('/') ? named(tag) : { name: sanitizeAcIdentifier(file), tag };
}

/** `app:v1`, `registry.example:5000/app` */
function named(text: string): { readonly name: string; readonly tag?: string } {
  const [, name = text, tag] = /^(.*?)(?::([^:/]+))?$/s.exec(text) ?? [];
  return { name: sanitizeAcIdentifier(name), ...(tag === undefined ? {} : { tag }) };
}
