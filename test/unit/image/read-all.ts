import type { EntryHeader } from '../../../image/archive/entry.ts';
import { readArchive } from '../../../image/archive.ts';
import { inChunks } from './tar-blocks.ts';

export interface ReadEntry extends EntryHeader {
  readonly content: Buffer;
}

/** All entries of an archive with their contents, holes filled. */
export async function readAll(bytes: Buffer, chunkSize?: number): Promise<ReadEntry[]> {
  const entries: ReadEntry[] = [];
  for await (const { pieces, ...header } of readArchive(inChunks(bytes, chunkSize))) {
    const content = Buffer.alloc(header.size);
    for await (const { position, bytes: part } of pieces) part.copy(content, position);
    entries.push({ ...header, content });
  }
  return entries;
}

/** Their names, for assertions. */
export async function readNames(bytes: Buffer): Promise<string[]> {
  return (await readAll(bytes)).map(({ path }) => path.toString('latin1'));
}
