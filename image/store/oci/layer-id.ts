import { createHash } from 'node:crypto';
import { type Decoder, matching } from '../../../schema/decode.ts';
import { type Digest, makeDigest } from '../../../schema/digest.ts';

/**
 * Names what a layer is unpacked as: `diff-` and its diff ID where it is what it is by itself, `chain-` and its chain ID
 * where it depends on the layers below it, `merged-` and a chain ID for that layer and all below it in one.
 */
export type LayerId = string & { readonly __brand: 'LayerId' };

export const layerId: Decoder<LayerId> = matching(
  /^(?:diff|chain|merged)-sha(?:256-[0-9a-f]{64}|512-[0-9a-f]{128})$/,
  'a layer ID (diff-, chain- or merged-, and a digest)',
);

export function makeLayerId(kind: 'diff' | 'chain' | 'merged', digest: Digest): LayerId {
  return layerId(`${kind}-${digest.replace(':', '-')}`);
}

/** The chain IDs of layers (image-spec, config.md, "Layer ChainID") from their diff IDs, lowest first. */
export function chainIds(diffIds: readonly Digest[]): readonly Digest[] {
  const chain: Digest[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    const hash = createHash('sha256').update(`${below} ${diffId}`);
    chain.push(below === undefined ? diffId : makeDigest('sha256', hash.digest('hex')));
  }
  return chain;
}
