import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseManifest } from '../../image/aci.ts';
import type { Store } from '../../image/store/layout.ts';
import { imageRootfs, namedRootfs, type PartId, parseParts, type Rootfs } from '../../image/store/rootfs.ts';
import { createFile, syncDirectory } from '../../linux/durable-file.ts';
import { type ImageId, imageId } from '../../schema/image-id.ts';
import type { ImageManifest } from '../../schema/image-manifest.ts';
import { readPodFile } from '../pod/read-file.ts';
import { type ImageOfApp, writeImageFiles } from '../prepare/write-pod.ts';
import { findStage1 } from '../run/become-stage1.ts';
import { readAppTrust } from '../trust/app-trust.ts';
import { checkExecutable } from './executable.ts';
import type { FetchedStage1 } from './fetch.ts';
import { stage1Executable } from './image.ts';
import { Stage1Error } from './stage1-error.ts';

/** The stage1 that a pod was prepared for. Without one the stage1 that came with tsrkt runs it. */
export type Stage1OfPod =
  | { readonly kind: 'executable'; readonly path: string }
  | ({ readonly kind: 'image' } & ImageOfApp);

/** In a pod's directory: the path of an executable; or a directory like an app's, of the stage1's image. */
const PATH_FILE = 'stage1-path';
export const IMAGE_DIRECTORY = 'stage1-image';

/** Unpacks a stage1's image. The caller keeps its tree until the pod names it. What cannot be executed is refused here. */
export async function unpackStage1(
  store: Store,
  stage1: FetchedStage1 | undefined,
): Promise<Stage1OfPod | undefined> {
  if (stage1?.kind !== 'image') return stage1;
  const { id, manifest, record, decision } = stage1.image;
  const unpacked = {
    kind: 'image',
    id,
    manifest,
    trust: { blob: record.blob, decision },
    rootfs: await imageRootfs(store, id),
  } as const;
  executableOf(unpacked);
  return unpacked;
}

/** The executable that runs a pod, looked at again: it may have been changed since it was chosen. */
export function executableOf(stage1: Stage1OfPod | undefined): string {
  if (stage1 === undefined) return findStage1();
  if (stage1.kind === 'executable') return checkExecutable(stage1.path);
  return stage1Executable(stage1.manifest, onlyRoot(stage1.manifest, stage1.rootfs));
}

function onlyRoot({ name }: ImageManifest, { lowers }: Rootfs): string {
  const [root, ...others] = lowers;
  if (root !== undefined && others.length === 0) return root;
  throw new Stage1Error(
    `stage1 image ${JSON.stringify(name)}: it has layers, and a stage1 is executed where it is`,
  );
}

/** Notes in a pod's directory what stage1 it is for; from then on the image's files are in use. */
export function writeStage1(directory: string, stage1: Stage1OfPod | undefined, sync: boolean): void {
  if (stage1?.kind === 'executable') createFile(join(directory, PATH_FILE), `${stage1.path}\n`, { sync });
  if (stage1?.kind !== 'image') return;
  const place = join(directory, IMAGE_DIRECTORY);
  mkdirSync(place, { mode: 0o750 });
  createFile(join(place, 'id'), `${stage1.id}\n`, { sync });
  writeImageFiles(place, stage1, sync);
  if (sync) syncDirectory(place);
}

/** Reads it again. Throws where the files of its image are gone. */
export function readStage1(store: Store, directory: string): Stage1OfPod | undefined {
  const path = readPodFile(join(directory, PATH_FILE))?.trim();
  if (path !== undefined) return { kind: 'executable', path };
  const place = join(directory, IMAGE_DIRECTORY);
  const id = readPodFile(join(place, 'id'))?.trim();
  if (id === undefined) return undefined;
  const rootfs = namedRootfs(store, partsOfStage1(directory));
  if (!rootfs.lowers.every((each) => existsSync(each)))
    throw new Stage1Error("the files of the pod's stage1 are gone");
  const manifest = parseManifest(Buffer.from(readPodFile(join(place, 'manifest')) ?? ''));
  return { kind: 'image', id: readId(id), manifest, trust: readAppTrust(place), rootfs };
}

function readId(text: string): ImageId {
  return imageId(text, `${IMAGE_DIRECTORY}/id`);
}

/** The parts of the store that a pod's stage1 is in. */
export function partsOfStage1(directory: string): readonly PartId[] {
  const text = readPodFile(join(directory, IMAGE_DIRECTORY, 'tree'));
  return text === undefined ? [] : parseParts(text, `${IMAGE_DIRECTORY}/tree`);
}
