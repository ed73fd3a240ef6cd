import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFile } from '../../../linux/durable-file.ts';
import { hasCode } from '../../../linux/system-error.ts';
import { boolean, type Infer, integer, object } from '../../../schema/decode.ts';
import type { Digest } from '../../../schema/digest.ts';
import { formatJson } from '../../../schema/format-json.ts';
import { decodeJson } from '../../../schema/json.ts';
import { layerDirectory, type Store } from '../layout.ts';
import { type LayerId, makeLayerId } from './layer-id.ts';

/** What is kept of a layer beside its files, in `layer.json`. */
export type LayerFacts = Infer<typeof layerFacts>;

const layerFacts = object({
  /** Whether its root directory is the image's, or made up. */
  describesRoot: boolean,
  /** Of all its files. */
  bytes: integer(0),
});

const FACTS = 'layer.json';

/** The files of an unpacked layer, for overlayfs: never written to. */
export function layerRoot(store: Store, id: LayerId): string {
  return join(layerDirectory(store, id), 'rootfs');
}

/** The unpacked layer, in the form that depends on nothing, or else in the one for these layers below it. */
export function findLayer(store: Store, diffId: Digest, chainId: Digest): LayerId | undefined {
  const forms = [makeLayerId('diff', diffId), makeLayerId('chain', chainId)];
  return forms.find((id) => existsSync(layerDirectory(store, id)));
}

/** Makes the directory `path` for a layer, and gives the one for its files. */
export function makeLayerFiles(path: string): string {
  const root = join(path, 'rootfs');
  mkdirSync(root, { recursive: true, mode: 0o755 });
  return root;
}

export function writeLayerFacts(path: string, { describesRoot, bytes }: LayerFacts): void {
  createFile(join(path, FACTS), `${formatJson({ describesRoot, bytes })}\n`, { sync: false });
}

/** The bytes of an unpacked layer; 0 when it is not there. */
export function layerSize(store: Store, id: LayerId): number {
  try {
    return readLayerFacts(store, id).bytes;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ERR_DECODE')) return 0;
    throw error;
  }
}

export function readLayerFacts(store: Store, id: LayerId): LayerFacts {
  const path = join(layerDirectory(store, id), FACTS);
  return decodeJson(readFileSync(path), layerFacts, { what: path });
}
