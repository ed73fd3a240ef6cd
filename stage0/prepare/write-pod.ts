import { chmodSync, chownSync, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Rootfs } from '../../image/store/rootfs.ts';
import { createFile, syncDirectory } from '../../linux/durable-file.ts';
import type { AcName } from '../../schema/ac-name.ts';
import { formatJson } from '../../schema/format-json.ts';
import type { ImageId } from '../../schema/image-id.ts';
import type { ImageManifest } from '../../schema/image-manifest.ts';
import type { PodManifest } from '../../schema/pod-manifest.ts';
import { type AppTrust, formatAppTrust, TRUST_FILE } from '../trust/app-trust.ts';
import { openImageRoot } from './image-root.ts';
import { linkMtab } from './mtab.ts';

/** An app's image, in the form a pod keeps of it. */
export interface AppImage extends ImageOfApp {
  readonly name: AcName;
}

/** The same, whatever it is for. */
export interface ImageOfApp {
  readonly id: ImageId;
  readonly manifest: ImageManifest;
  readonly trust: AppTrust;
  readonly rootfs: Rootfs;
}

export interface WriteOptions {
  /** false: every app gets a copy of its image's files. */
  readonly overlay: boolean;
  /** What is added to the owners of copied files. */
  readonly shift: number;
  /** Have it all on the disk in the end: for a pod that is to outlive a crash of the machine. */
  readonly durable: boolean;
}

/** Writes what a prepared pod is made of into its directory. */
export async function writePod(
  directory: string,
  manifest: PodManifest,
  images: readonly AppImage[],
  options: WriteOptions,
): Promise<void> {
  const sync = options.durable;
  mkdirSync(join(directory, 'apps'), { mode: 0o750 });
  for (const image of images) await writeApp(join(directory, 'apps', image.name), image, options);
  createFile(join(directory, 'pod'), `${formatJson(manifest, 2)}\n`, { sync });
  if (!sync) return;
  syncDirectory(join(directory, 'apps'));
  syncDirectory(directory);
}

/** Writes what an app of a prepared pod is made of into its directory, which is made. */
export async function writeApp(directory: string, image: AppImage, options: WriteOptions): Promise<void> {
  const sync = options.durable;
  mkdirSync(directory, { mode: 0o750 });
  writeImageFiles(directory, image, sync);
  const { rootfs } = image;
  const root = options.overlay ? makeOverlay(directory, rootfs) : await copyRoot(directory, rootfs, options);
  makeTmp(root, rootfs.lowers, options);
  linkMtab(root, rootfs.lowers);
  if (sync) syncDirectory(directory);
}

/** What a pod keeps of an image: what it is, why it was let in, and the parts of the store that are in use from now on. */
export function writeImageFiles(
  directory: string,
  { rootfs, manifest, trust }: Omit<ImageOfApp, 'id'>,
  sync: boolean,
): void {
  createFile(join(directory, 'tree'), rootfs.parts.map((part) => `${part}\n`).join(''), { sync });
  createFile(join(directory, 'manifest'), `${formatJson(manifest, 2)}\n`, { sync });
  createFile(join(directory, TRUST_FILE), formatAppTrust(trust), { sync });
}

/** The root of an overlay is the upper directory: it has to look like the image's. */
function makeOverlay(directory: string, { describedBy }: Rootfs): string {
  for (const name of ['upper', 'work', 'rootfs']) mkdirSync(join(directory, name));
  const upper = join(directory, 'upper');
  const { mode, uid, gid } = lstatSync(describedBy);
  chownSync(upper, uid, gid);
  chmodSync(upper, mode & 0o7777);
  return upper;
}

async function copyRoot(directory: string, rootfs: Rootfs, { shift }: WriteOptions): Promise<string> {
  const root = join(directory, 'rootfs');
  const { copyTree } = await import('../../image/copy-tree.ts');
  await copyTree(rootfs, root, shift);
  return root;
}

/** Every app finds a /tmp that anybody can write, as under rkt. `root` is where the app's own files go. */
function makeTmp(root: string, lowers: readonly string[], { shift }: WriteOptions): void {
  using image = openImageRoot(lowers);
  if (image.has('/tmp')) return;
  mkdirSync(join(root, 'tmp'));
  if (shift > 0) chownSync(join(root, 'tmp'), shift, shift);
  chmodSync(join(root, 'tmp'), 0o1777);
}
