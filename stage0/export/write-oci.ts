import { rmSync } from 'node:fs';
import { ociPlatform } from '../../image/fetch/oci.ts';
import { configOfManifest } from '../../image/oci/config-of-manifest.ts';
import { copyImage } from '../../image/oci/copy-image.ts';
import { layoutDestination } from '../../image/oci/layout-destination.ts';
import { treeSource } from '../../image/oci/rootfs-source.ts';
import type { LayeredTree } from '../../image/read-tree.ts';
import type { HostPlatform } from '../../image/reference/appc.ts';
import { archiveDestination } from '../../image/transport/archive-destination.ts';
import type { ImageManifest } from '../../schema/image-manifest.ts';

export interface OciOutput {
  readonly out: string;
  readonly format: 'aci' | 'oci' | 'oci-archive';
  readonly overwrite: boolean;
  /** A directory for what is needed meanwhile. */
  readonly temporary: string;
  readonly host: HostPlatform;
}

/** Writes a tree as an OCI image of one layer, into a layout or an archive. */
export async function writeOci(
  manifest: ImageManifest,
  tree: string | LayeredTree,
  { out, format, overwrite, temporary, host }: OciOutput,
): Promise<void> {
  if (format === 'oci-archive' && overwrite) rmSync(out, { force: true });
  await using source = await treeSource(tree, temporary, (platform, diffId) =>
    configOfManifest(manifest, platform, diffId),
  );
  await using destination = await (format === 'oci'
    ? layoutDestination(out, undefined)
    : archiveDestination(out, undefined));
  await copyImage(source, await source.resolve(ociPlatform(host)), destination);
}
