import { hasCode } from '../../linux/system-error.ts';
import type { Digest } from '../../schema/digest.ts';
import { imageIdOf } from '../../schema/image-id.ts';
import type { Descriptor } from '../../schema/oci/descriptor.ts';
import type { Platform } from '../../schema/oci/platform.ts';
import { ociArchitecture } from '../../schema/os-arch.ts';
import { type Evidence, withReceipts } from '../../trust/evidence.ts';
import type { Subject } from '../../trust/judge-evidence.ts';
import type { ImageSource, ResolvedImage } from '../oci/source.ts';
import type { HostPlatform } from '../reference/appc.ts';
import { readImage, type StoredImage } from '../store/image.ts';
import type { Store } from '../store/layout.ts';
import { importOci } from '../store/oci/import.ts';
import { claimTemporary } from '../store/temporary.ts';
import { judge } from './judge.ts';
import { keptEvidence, verificationOf } from './kept-decision.ts';
import type { FetchedImage, FetchNotes, FetchOptions } from './options.ts';
import { waitingNotice } from './waiting-notice.ts';

/** An OCI image that somebody wants. */
export interface WantedOci {
  /** As the user wrote it. */
  readonly request: string;
  /** What keys and policies go by, and the image will be called. */
  readonly name: string;
  readonly tag?: string | undefined;
  /** The reference that was asked for, for images of a registry. */
  readonly reference?: Subject['reference'];
  /** The same, as text; where it has no digest, the image is remembered by it. */
  readonly knownAs?: string | undefined;
  /** The file that signatures are over, for images that are one. */
  readonly file?: Digest | undefined;
  readonly evidence: (image: ResolvedImage) => Promise<readonly Evidence[]>;
}

/**
 * Brings an OCI image into the store, provided today's keys and policy accept it: that is decided by its manifest's digest, before
 * configuration and layers are asked for. Who else fetches the same image meanwhile waits, and finds it there.
 */
export async function fetchOci(
  store: Store,
  source: ImageSource,
  wanted: WantedOci,
  options: FetchOptions,
): Promise<FetchedImage> {
  const { request, name, tag, reference, knownAs, file } = wanted;
  const image = await source.resolve(ociPlatform(options.host));
  const { manifestDigest, indexes } = image;
  const tellWaiting = waitingNotice(options.notes, reference === undefined ? 'importing' : 'downloading');
  using _alone = await claimTemporary(store, `fetch-${imageIdOf(manifestDigest)}`, () =>
    tellWaiting(request),
  );
  const digests = [
    manifestDigest,
    ...indexes.map(({ digest }) => digest),
    ...(file === undefined ? [] : [file]),
  ];
  const evidence = options.insecureImage ? [] : await evidenceFor(store, image, wanted);
  const subject = { name, digests, ...(reference === undefined ? {} : { reference }) };
  const decision = await judge({ request, kind: 'oci', subject, evidence }, options);
  const stored = await importOci(store, {
    name: request,
    origin: { name, ...(tag === undefined ? {} : { tag }) },
    reference: knownAs,
    source,
    image,
    verification: verificationOf(decision),
    onBytes: reportBytes(options.notes),
    onWait: (blob) => tellWaiting(`a part of ${request} (${blob.digest})`),
    unpackCommand: options.unpackCommand,
  });
  return { ...stored, decision };
}

/** This machine in OCI's words. */
export function ociPlatform({ os, arch }: HostPlatform): Platform {
  return { os, ...(ociArchitecture(arch) ?? { architecture: arch }) };
}

async function evidenceFor(
  store: Store,
  image: ResolvedImage,
  { evidence }: WantedOci,
): Promise<readonly Evidence[]> {
  const known = storedOci(store, image.manifestDigest);
  return withReceipts(await evidence(image), known === undefined ? [] : keptEvidence(known));
}

function storedOci(store: Store, manifest: Digest): StoredImage | undefined {
  try {
    return readImage(store, imageIdOf(manifest));
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ERR_DECODE')) return undefined;
    throw error;
  }
}

function reportBytes(notes: FetchNotes) {
  return ({ digest, size }: Descriptor) => {
    const what = `Downloading ${digest.slice(0, 'sha256:'.length + 12)}`;
    return (done: number) => notes.progress(what, done, size);
  };
}
