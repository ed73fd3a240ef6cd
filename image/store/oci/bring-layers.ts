import { cpus } from 'node:os';
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
}

/** Downloads wait for the network most of the time, so there are more of them than processors. */
const AT_ONCE = Math.max(4, cpus().length);

/**
 * Downloads the layers that the store lacks, and unpacks them, several at once, lowest first. A layer that needs those below
 * it waits for them: they have begun before it.
 */
export async function bringLayers(
  bringing: Bringing,
  layers: readonly WantedLayer[],
): Promise<readonly BroughtLayer[]> {
  const chain = chainIds(layers.map(({ diffId }) => diffId));
  const jobs: Promise<BroughtLayer>[] = [];
  const begin = (index: number): Promise<BroughtLayer> => {
    const wanted = layers[index];
    const chainId = chain[index];
    if (wanted === undefined || chainId === undefined) throw new RangeError(`no layer ${index}`);
    const twin = jobs[layers.findIndex(({ diffId }) => diffId === wanted.diffId)];
    const lower = async () => (await Promise.all(jobs.slice(0, index))).map(({ root }) => root).reverse();
    return bringLayer(bringing, {
      ...wanted,
      chainId,
      path: join(bringing.scratch, `layer-${index}`),
      lower,
      twin,
    });
  };
  await inParallel([...layers.keys()], AT_ONCE, async (index) => {
    jobs[index] = begin(index);
    await jobs[index];
  });
  return Promise.all(jobs);
}

interface LayerJob extends WantedLayer {
  readonly chainId: Digest;
  readonly path: string;
  readonly lower: () => Promise<readonly string[]>;
  /** The same layer, lower in the image. */
  readonly twin: Promise<BroughtLayer> | undefined;
}

async function bringLayer(bringing: Bringing, job: LayerJob): Promise<BroughtLayer> {
  const { store } = bringing;
  const { blob, diffId, chainId, path, lower } = job;
  const { fd } = await bringBlob(bringing, blob);
  const twin = await job.twin;
  if (twin?.id === makeLayerId('diff', diffId)) return { ...twin, made: undefined };
  const known = findLayer(store, diffId, chainId);
  if (known !== undefined) return { id: known, made: undefined, root: layerRoot(store, known) };
  const { usesLower } = await unpackBlob({ fd, mediaType: blob.mediaType, diffId, lower }, path);
  const id = usesLower ? makeLayerId('chain', chainId) : makeLayerId('diff', diffId);
  return { id, made: path, root: join(path, 'rootfs') };
}

/** Brings a blob, once however often the image has it. */
export function bringBlob(
  { store, source, blobs, onBytes }: Bringing,
  blob: Descriptor,
): Promise<IncomingBlob> {
  const begun = blobs.get(blob.digest);
  if (begun !== undefined) return begun;
  const job = receiveBlob(store, source, blob, onBytes(blob));
  blobs.set(blob.digest, job);
  return job;
}
