import { closeSync, constants, openSync } from 'node:fs';
import type { ImageManifest } from '../../schema/image-manifest.ts';
import { readAci } from '../aci.ts';
import { ownPrivilege } from '../extract/attributes.ts';
import { beginExtraction, type Extraction, type PlacedEntry } from '../extract.ts';
import { fileChunks } from '../file-chunks.ts';
import { parseTreePath, type TreePath } from '../tree-path.ts';
import { ImportError } from './error.ts';
import { readImage, type StoredImage } from './image.ts';
import { blobFile, type Store } from './layout.ts';
import { type ImageEntry, type Placing, planRendering } from './render-plan.ts';

/** Whether an image's root file system is something else than what its file holds. */
export function needsRendering({ dependencies = [], pathWhitelist = [] }: ImageManifest): boolean {
  return dependencies.length > 0 || pathWhitelist.length > 0;
}

/** Makes the root file system of an image with dependencies, or a whitelist, in the empty directory `target`. */
export async function renderImage(store: Store, image: StoredImage, target: string): Promise<void> {
  const images = imagesOf(store, image);
  const listed = [];
  for (const { level, image } of images)
    listed.push({ level, whitelist: whitelistOf(image), entries: await listEntries(store, image) });
  const plan = planRendering(listed);
  const root = openSync(target, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    using extraction = beginExtraction(root, { privilege: ownPrivilege(), duplicates: 'refuse' });
    for (const [index, { image }] of images.entries()) await extract(store, image, plan[index], extraction);
    extraction.finish();
  } finally {
    closeSync(root);
  }
}

interface LeveledImage {
  readonly level: number;
  readonly image: StoredImage;
}

function imagesOf(store: Store, image: StoredImage): readonly LeveledImage[] {
  const { dependencies = [], source } = image.record;
  if (dependencies.length === 0 && image.manifest.dependencies?.length)
    throw new ImportError(source, 'what it depends on is not in the store: fetch it again');
  const below = dependencies.map(({ id, level }) => ({ level, image: readImage(store, id) }));
  return [{ level: 0, image }, ...below];
}

function whitelistOf({ manifest }: StoredImage): ReadonlySet<TreePath> {
  const paths = (manifest.pathWhitelist ?? []).flatMap((path) => {
    const parsed = parseTreePath(Buffer.from(`.${path}`));
    return 'path' in parsed ? [parsed.path] : [];
  });
  return new Set(paths);
}

async function listEntries(store: Store, image: StoredImage): Promise<readonly ImageEntry[]> {
  const entries: ImageEntry[] = [];
  await visit(store, image, ({ path, linkTarget, entry: { type } }) => {
    entries.push({ path, type, linkTarget });
  });
  return entries;
}

async function extract(
  store: Store,
  image: StoredImage,
  placings: ReadonlyMap<TreePath, Placing> | undefined,
  extraction: Extraction,
): Promise<void> {
  await visit(store, image, async ({ entry, path }) => {
    const placing = placings?.get(path);
    if (placing !== undefined) await extraction.add({ entry, ...placing });
  });
}

/** Reads the image's file, which has to be what it was. */
async function visit(
  store: Store,
  { id, record }: StoredImage,
  visitor: (placed: PlacedEntry) => Promise<void> | void,
): Promise<void> {
  const fd = openSync(blobFile(store, record.blob), 'r');
  try {
    const aci = await readAci(fileChunks(fd), visitor);
    if (aci.id !== id)
      throw new ImportError(record.source, `the stored file is damaged: its image ID is ${aci.id}`);
  } finally {
    closeSync(fd);
  }
}
