import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createFile } from '../../linux/durable-file.ts';
import { lock } from '../../linux/lock.ts';
import { syncFileSystem } from '../../linux/sync-file-system.ts';
import { digestHex } from '../../schema/digest.ts';
import type { ImageId } from '../../schema/image-id.ts';
import type { ImageManifest } from '../../schema/image-manifest.ts';
import { rfc3339 } from '../../schema/rfc3339.ts';
import type { Aci } from '../aci.ts';
import type { StagedBlob } from './blob.ts';
import { ImportError, importing } from './error.ts';
import { MANIFEST, RECORD, readImage, type StoredImage } from './image.ts';
import { blobFile, type Store, treeDirectory } from './layout.ts';
import { findImageByBlob } from './lookup.ts';
import { formatRecord, publishImage, replaceRecord } from './publish.ts';
import { type ImageRecord, preferredRecord, type Verification } from './record.ts';
import { needsRendering } from './render.ts';
import { claimTemporary, type Temporary } from './temporary.ts';
import { imageTreeId, unpackTree } from './tree.ts';

/** What was decided about staged bytes before anything looks into them. */
export interface Admission {
  /** What the user asked for: a file name, a URL, a name. */
  readonly source: string;
  /** Decides again, now that the manifest says what the image is; throws to refuse it. What it gives is kept with the image. */
  readonly verify: (manifest: ImageManifest) => Verification | Promise<Verification>;
  /** Whether it came when its name was asked for without a version. */
  readonly latest?: boolean;
  /** The ID the image must have, where it is known before. */
  readonly expectedId?: ImageId;
}

/**
 * Opens staged bytes, which somebody decided to trust: unpacks the image and puts blob, tree and image into the store, in this
 * order, so that an image that can be seen is complete. The same image twice is one image; the stronger decision stays.
 */
export async function admit(store: Store, staged: StagedBlob, admission: Admission): Promise<StoredImage> {
  return await importing(admission.source, async () => {
    using temporary = await claimTemporary(store, `import-${digestHex(staged.digest)}`);
    const known = findImageByBlob(store, staged.digest);
    if (known !== undefined && isComplete(store, known))
      return await readmit(store, known, temporary, admission);
    const tree = join(temporary.path, 'tree');
    const aci = await unpackTree(staged.fd, tree);
    checkId(aci, admission);
    const record = newRecord(staged, aci, admission, await admission.verify(aci.manifest));
    const image = writeImage(join(temporary.path, 'image'), aci, record);
    syncFileSystem(temporary.path);
    const own = needsRendering(aci.manifest) ? undefined : tree;
    publishImage(store, aci.id, record, { blob: staged.path, tree: own, image, scratch: temporary.path });
    return readImage(store, aci.id);
  });
}

function isComplete(store: Store, image: StoredImage): boolean {
  const hasTree = needsRendering(image.manifest) || existsSync(treeDirectory(store, imageTreeId(image)));
  return hasTree && existsSync(blobFile(store, image.record.blob));
}

function checkId({ id }: Pick<Aci, 'id'>, { source, expectedId }: Admission): void {
  if (expectedId === undefined || id === expectedId) return;
  throw new ImportError(source, `its image ID is ${id}, not ${expectedId}`, { code: 'ERR_IMAGE_ID' });
}

function newRecord(
  staged: StagedBlob,
  aci: Aci,
  { source, latest = false }: Admission,
  verification: Verification,
): ImageRecord {
  return {
    blob: staged.digest,
    size: staged.size,
    compression: aci.compression,
    importTime: rfc3339(new Date().toISOString()),
    source,
    name: aci.manifest.name,
    labels: aci.manifest.labels ?? [],
    ...(latest ? { latest } : {}),
    verification,
  };
}

function writeImage(directory: string, aci: Aci, record: ImageRecord): string {
  mkdirSync(directory, { mode: 0o755 });
  createFile(join(directory, MANIFEST), aci.manifestBytes, { sync: false });
  createFile(join(directory, RECORD), formatRecord(record), { sync: false });
  return directory;
}

/** The same bytes again: nothing to open, but what was decided about them may be new. */
async function readmit(
  store: Store,
  known: StoredImage,
  temporary: Temporary,
  admission: Admission,
): Promise<StoredImage> {
  checkId(known, admission);
  const { source, latest } = admission;
  const verification = await admission.verify(known.manifest);
  const record = preferredRecord(known.record, {
    ...known.record,
    source,
    ...(latest ? { latest } : {}),
    verification,
  });
  using _exclusive = lock(store.path, 'exclusive');
  replaceRecord(store, known.id, record, temporary.path);
  return readImage(store, known.id);
}
