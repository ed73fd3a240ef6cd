import { join } from 'node:path';
import type { Digest } from '../../../schema/digest.ts';
import type { Descriptor } from '../../../schema/oci/descriptor.ts';
import { inParallel } from '../../oci/in-parallel.ts';
import type { ImageSource } from '../../oci/source.ts';
import type { Store } from '../layout.ts';
import { type IncomingBlob, type OnBytes, receiveBlob } from './incoming-blob.ts';
import { findLayer, layerRoot } from './layer-files.ts';
import { chainIds, type LayerId, makeLayerId } from './layer-id.ts';
import { unpackBlob } from './unpack-blob.ts';
import { type UnpackCommand, unpackInProcess } from './unpack-process.ts';

/** A layer of an image: as it is served, and what its content is. */
export interface WantedLayer {
  readonly blob: Descriptor;
  readonly diffId: Digest;
}

/** A layer on this machine, and unpacked. */
export interface BroughtLayer {
  readonly id: LayerId;
  /** Its directory in `cas/tmp`, to be published; undefined when the store has it. */
  readonly made: string | undefined;
  /** Its files. */
  readonly root: string;
}

export interface Bringing {
  readonly store: Store;
  readonly source: ImageSource;
  /** A directory in `cas/tmp`. */
  readonly scratch: string;
  /** Blobs that came; whoever calls disposes of them. */
  readonly blobs: Map<Digest, Promise<IncomingBlob>>;
  readonly onBytes: (blob: Descriptor) => OnBytes;
  /** Somebody else fetches this blob; called before waiting for them. */
  readonly onWait: (blob: Descriptor) => void;
  readonly unpackCommand: UnpackCommand | undefined;
}

/** So many layers are on their way at once, each in a process of its own. */
const AT_ONCE = 4;

/** To start a process takes as long as to unpack as many bytes. */
const WORTH_A_PROCESS = 1 << 20;

/**
 * Downloads the layers that the store lacks, and unpacks them, several at once, lowest first. A layer that needs those below
 * it waits for them: they have begun before it.
 */
export async function bringLayers(
  bringing: Bringing,
  layers: readonly WantedLayer[],
): Promise<readonly BroughtLayer[]> {
  const chain = chainIds(layers.map(({ diffId }) => diffId));
  const begun: Promise<BroughtLayer>[] = [];
  const lowerOf = async (index: number) => (await Promise.all(begun.slice(0, index))).map(({ root }) => root);
  const jobs = layers.map((layer, index): LayerJob => {
    const { diffId } = layer;
    return {
      ...layer,
      chainId: chain[index] ?? diffId,
      path: join(bringing.scratch, `layer-${index}`),
      lower: async () => (await lowerOf(index)).reverse(),
      twin: () => begun[layers.findIndex((each) => each.diffId === diffId)],
    };
  });
  const unpack = chooseUnpacker(bringing, jobs);
  await inParallel([...jobs.entries()], AT_ONCE, async ([index, job]) => {
    const brought = bringLayer(bringing, job, unpack);
    begun[index] = brought;
    await brought;
  });
  return Promise.all(begun);
}

/** One large layer alone is unpacked as fast here. */
function chooseUnpacker({ store, unpackCommand }: Bringing, jobs: readonly LayerJob[]) {
  const isLarge = ({ blob }: WantedLayer) => blob.size >= WORTH_A_PROCESS;
  const large = jobs.filter((job) => isLarge(job) && findLayer(store, job.diffId, job.chainId) === undefined);
  return (job: LayerJob, fd: number) => {
    const { blob, diffId, lower, path } = job;
    const unpacking = { fd, mediaType: blob.mediaType, diffId, lower };
    return unpackCommand === undefined || large.length < 2 || !isLarge(job)
      ? unpackBlob(unpacking, path)
      : unpackInProcess(unpackCommand, unpacking, path);
  };
}

interface LayerJob extends WantedLayer {
  readonly chainId: Digest;
  readonly path: string;
  readonly lower: () => Promise<readonly string[]>;
  /** The same layer, lower in the image. */
  readonly twin: () => Promise<BroughtLayer> | undefined;
}

async function bringLayer(
  bringing: Bringing,
  job: LayerJob,
  unpack: ReturnType<typeof chooseUnpacker>,
): Promise<BroughtLayer> {
  const { store } = bringing;
  const { blob, diffId, chainId, path } = job;
  const twinJob = job.twin();
  const { fd } = await bringBlob(bringing, blob);
  const twin = await twinJob;
  if (twin?.id === makeLayerId('diff', diffId)) return { ...twin, made: undefined };
  const known = findLayer(store, diffId, chainId);
  if (known !== undefined) return { id: known, made: undefined, root: layerRoot(store, known) };
  const { usesLower } = await unpack(job, fd);
  const id = usesLower ? makeLayerId('chain', chainId) : makeLayerId('diff', diffId);
  return { id, made: path, root: join(path, 'rootfs') };
}

/** Brings a blob, once however often the image has it. */
export function bringBlob(
  { store, source, blobs, onBytes, onWait }: Bringing,
  blob: Descriptor,
): Promise<IncomingBlob> {
  const begun = blobs.get(blob.digest);
  if (begun !== undefined) return begun;
  const job = receiveBlob(store, source, blob, {
    onBytes: onBytes(blob),
    onWait: () => onWait(blob),
  });
  blobs.set(blob.digest, job);
  return job;
}
