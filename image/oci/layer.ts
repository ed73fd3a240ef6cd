import { createHash } from 'node:crypto';
import { closeSync, constants, openSync } from 'node:fs';
import { type Digest, digestAlgorithm, makeDigest } from '../../schema/digest.ts';
import type { ArchiveEntry } from '../archive/entry.ts';
import { readArchive } from '../archive.ts';
import type { Chunks } from '../compression.ts';
import { beginExtraction, type Extraction } from '../extract.ts';
import { parseTreePath, rootPath, type TreePath } from '../tree-path.ts';
import { applyWhiteouts } from './apply-whiteouts.ts';
import { describedDirectories } from './described-directories.ts';
import { LayerError } from './layer-error.ts';
import { directoryEntry, type Layer, needLower, statInLayer, type UnpackLayer } from './layer-state.ts';
import { copyUp, findInLayers, lowerAttributes } from './lower-layers.ts';
import { DigestMismatchError } from './verified-bytes.ts';
import { layerPart } from './whiteout.ts';

/** An unpacked layer. */
export interface UnpackedLayer {
  readonly entries: number;
  /** Of all its files, holes included. */
  readonly bytes: number;
  /** Otherwise its root directory is made up and says nothing about the image's. */
  readonly describesRoot: boolean;
  /** Whether it is what it is because of the layers below, and so good above them only. */
  readonly usesLower: boolean;
}

/**
 * Unpacks a layer (its uncompressed tar) into the empty directory `target`, ready to be one of overlayfs's `lowerdir`s: whiteouts
 * become devices 0:0, opaque whiteouts an attribute of their directory (for that of the root see `visibleLayers`). The diff ID is verified; until this returns, what is in
 * `target` is nothing. The chunks must have been verified before, too, where they came compressed.
 */
export async function unpackLayer(
  chunks: Chunks,
  target: string,
  options: UnpackLayer,
): Promise<UnpackedLayer> {
  const root = openSync(target, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    using extraction = beginExtraction(root, { privilege: options.privilege, duplicates: 'replace' });
    const layer = beginLayer(root, extraction, options);
    const hash = createHash(digestAlgorithm(options.diffId));
    for await (const entry of readArchive(hashed(chunks, hash))) await addEntry(layer, entry);
    checkDiffId(options.diffId, hash.digest('hex'));
    await applyWhiteouts(layer);
    await describeImplied(layer);
    extraction.finish();
    const { entries, bytes, describesRoot, lower } = layer;
    return { entries, bytes, describesRoot, usesLower: lower !== undefined };
  } finally {
    closeSync(root);
  }
}

function beginLayer(root: number, extraction: Extraction, options: UnpackLayer): Layer {
  const directories = describedDirectories();
  const sets = { whiteouts: new Set<TreePath>(), opaque: new Set<TreePath>() };
  return {
    root,
    extraction,
    options,
    directories,
    ...sets,
    entries: 0,
    bytes: 0,
    describesRoot: false,
    lower: undefined,
  };
}

async function* hashed(chunks: Chunks, hash: { update(bytes: Buffer): unknown }): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

function checkDiffId(expected: Digest, hex: string): void {
  const actual = makeDigest(digestAlgorithm(expected), hex);
  if (actual !== expected)
    throw new DigestMismatchError('the content of a layer (diff ID)', expected, actual);
}

async function addEntry(layer: Layer, entry: ArchiveEntry): Promise<void> {
  layer.entries++;
  layer.bytes += entry.size;
  const path = layerPath(entry.path);
  const part = layerPart(path);
  switch (part.kind) {
    case 'invalid':
      throw new LayerError(path, 'a whiteout without a name');
    case 'reserved':
      return;
    case 'opaque':
      layer.opaque.add(part.path);
      return;
    case 'whiteout':
      layer.whiteouts.add(part.path);
      return;
    case 'file':
      return addFile(layer, entry, path);
  }
}

/** A leading slash means the root of the image, as other tools have it. */
function layerPath(name: Buffer): TreePath {
  const relative = name[0] === 0x2f ? Buffer.concat([Buffer.from('.'), name]) : name;
  const parsed = parseTreePath(relative);
  if ('problem' in parsed)
    throw new LayerError(name.toString('latin1') as TreePath, `the name ${parsed.problem}`);
  return parsed.path;
}

async function addFile(layer: Layer, entry: ArchiveEntry, path: TreePath): Promise<void> {
  const { extraction, directories } = layer;
  if (entry.type === 'character-device' && entry.major === 0 && entry.minor === 0)
    throw new LayerError(path, 'a device 0:0, which overlayfs takes for a whiteout');
  if (entry.type === 'directory') {
    if (path === rootPath) layer.describesRoot = true;
    else directories.describe(path);
    return extraction.add({ entry, path });
  }
  if (entry.type === 'link') return addLink(layer, entry, path);
  directories.putFile(path, entry.type === 'symlink');
  return extraction.add({ entry, path });
}

async function addLink(layer: Layer, entry: ArchiveEntry, path: TreePath): Promise<void> {
  const linkTarget = layerPath(entry.linkTarget);
  if (layerPart(linkTarget).kind !== 'file') throw new LayerError(path, 'a link to a whiteout');
  if (statInLayer(layer, linkTarget) === undefined) await copyTargetUp(layer, path, linkTarget);
  layer.directories.putFile(path, false);
  return layer.extraction.add({ entry, path, linkTarget });
}

/** A link to a file of a layer below: both names have to be in this one, or they would not be one file. */
async function copyTargetUp(layer: Layer, path: TreePath, target: TreePath): Promise<void> {
  const lower = await needLower(layer, path, 'a link to a file of a layer below');
  const found = findInLayers(lower, target);
  if (!found?.stat.isFile()) throw new LayerError(path, 'a link to something that is no file of the image');
  layer.directories.putFile(target, false);
  await layer.extraction.add({ entry: copyUp(found), path: target });
}

/** Directories that the layer says nothing about stay what they are below. */
async function describeImplied(layer: Layer): Promise<void> {
  const { directories, extraction } = layer;
  const implied = directories.implied().filter((path) => statInLayer(layer, path)?.isDirectory());
  for (const path of implied.toSorted()) {
    const found = findInLayers(await needLower(layer, path, 'a directory that is not described'), path);
    if (found?.stat.isDirectory())
      await extraction.add({ entry: directoryEntry(lowerAttributes(found)), path });
  }
}
