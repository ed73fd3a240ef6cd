import type { ImageManifest } from '../../schema/image-manifest.ts';
import type { RuntimeApp } from '../../schema/pod-manifest.ts';
import type { ImageRoot } from '../prepare/image-root.ts';

/** An app of a prepared pod: its part of the pod manifest, its image, and where its files are. */
export interface PreparedApp {
  readonly app: RuntimeApp;
  readonly image: ImageManifest;
  /** The image's files, for what names and paths in them mean. */
  readonly files: ImageRoot;
  /** The image's layers below its overlay, the uppermost first; undefined when `apps/APP/rootfs` holds the files itself. */
  readonly lowers: readonly string[] | undefined;
}
