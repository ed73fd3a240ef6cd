import { cString } from '../c-string.ts';
import { array, type Infer, object, optional } from '../decode.ts';

/** What an image runs on (image-spec, image-index.md), in Go's words: `linux`, `arm64`. */
export type Platform = Infer<typeof platform>;

export const platform = object({
  architecture: cString,
  os: cString,
  'os.version': optional(cString),
  'os.features': optional(array(cString)),
  variant: optional(cString),
});

/** From the oldest to the newest: each runs what was built for those before it. */
const variants: Readonly<Record<string, readonly string[]>> = {
  amd64: ['v1', 'v2', 'v3', 'v4'],
  arm: ['v5', 'v6', 'v7', 'v8'],
  arm64: ['v8', 'v9'],
};

/** What no variant means. Docker's images for 32-bit ARM without one are for v7. */
const usual: Readonly<Record<string, string>> = { amd64: 'v1', arm: 'v7', arm64: 'v8' };

/** Whether `host` runs what was built for `wanted`. */
export function platformMatches(host: Platform, wanted: Platform): boolean {
  return distance(host, wanted) !== undefined;
}

/**
 * The entry of an index that `host` runs best: the newest variant that is not above the host's, of equals the first.
 * An entry without a platform is taken only when no other fits; attestations (`unknown/unknown`) never are.
 */
export function choosePlatform<T extends { readonly platform?: Platform }>(
  entries: readonly T[],
  host: Platform,
): T | undefined {
  const ranked = entries.flatMap((entry) => {
    const rank = entry.platform === undefined ? Number.MAX_VALUE : distance(host, entry.platform);
    return rank === undefined ? [] : [{ entry, rank }];
  });
  return ranked.sort((a, b) => a.rank - b.rank)[0]?.entry;
}

/** 0 for the host's own variant, more for older ones, undefined for what it does not run. */
function distance(host: Platform, wanted: Platform): number | undefined {
  if (host.os !== wanted.os || host.architecture !== wanted.architecture) return undefined;
  const features = host['os.features'] ?? [];
  if (wanted['os.features']?.some((feature) => !features.includes(feature))) return undefined;
  return variantDistance(host, wanted);
}

function variantDistance(host: Platform, wanted: Platform): number | undefined {
  const [own, other] = [variantOf(host), variantOf(wanted)];
  if (own === other) return 0;
  const order = Object.hasOwn(variants, host.architecture) ? (variants[host.architecture] ?? []) : [];
  const [above, below] = [order.indexOf(own), order.indexOf(other)];
  return above >= 0 && below >= 0 && below < above ? above - below : undefined;
}

/** Some builders write `7` for `v7`. */
function variantOf({ architecture, variant = '' }: Platform): string {
  if (variant === '') return Object.hasOwn(usual, architecture) ? (usual[architecture] ?? '') : '';
  return /^\d/.test(variant) ? `v${variant}` : variant;
}
