import { show } from '../../../schema/decode-error.ts';
import type { Digest } from '../../../schema/digest.ts';
import { layerCompression, type MediaType } from '../../../schema/oci/media-type.ts';
import { decompress } from '../../compression.ts';
import { ownPrivilege } from '../../extract/attributes.ts';
import { fileChunks } from '../../file-chunks.ts';
import { type UnpackedLayer, unpackLayer } from '../../oci/layer.ts';
import { ImportError } from '../error.ts';
import { makeLayerFiles, writeLayerFacts } from './layer-files.ts';

/** A layer as its verified blob has it. */
export interface LayerBlob {
  readonly fd: number;
  readonly mediaType: MediaType;
  readonly diffId: Digest;
  /** Gives the files of the layers below, the uppermost first, once they are unpacked. */
  readonly lower: () => Promise<readonly string[]>;
}

/** Unpacks a layer into the new directory `path`, ready to be published: decompressed, verified and extracted in one pass. */
export async function unpackBlob(blob: LayerBlob, path: string): Promise<UnpackedLayer> {
  const { fd, mediaType, diffId, lower } = blob;
  const compression = layerCompression(mediaType);
  if (compression === undefined) throw unknownType(mediaType);
  const files = makeLayerFiles(path);
  const options = { diffId, privilege: ownPrivilege(), lower };
  const unpacked = await unpackLayer(decompress(fileChunks(fd), compression), files, options);
  writeLayerFacts(path, unpacked);
  return unpacked;
}

function unknownType(mediaType: MediaType): ImportError {
  return new ImportError(mediaType, `a layer of type ${show(mediaType)} is not one of a container image`, {
    code: 'ERR_UNSUPPORTED',
  });
}
