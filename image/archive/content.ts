import type { Piece } from './entry.ts';
import { ArchiveError } from './error.ts';
import { BLOCK, padding } from './header-block.ts';
import { checkSparseMap, type Extent, readBodyMap } from './sparse.ts';

/** The bytes an archive stores for the entry it is at: the next part, or undefined after the last. */
export interface StoredContent {
  next(): Promise<Buffer | undefined>;
}

/** The pieces of a file stored as it is. */
export async function* plainPieces(content: StoredContent): AsyncGenerator<Piece> {
  let position = 0;
  for (;;) {
    const bytes = await content.next();
    if (bytes === undefined) return;
    yield { position, bytes };
    position += bytes.length;
  }
}

/** The pieces of a file of which only the extents are stored. */
export async function* sparsePieces(
  content: StoredContent,
  extents: readonly Extent[],
): AsyncGenerator<Piece> {
  let rest: Buffer = Buffer.alloc(0);
  for (const { offset, length } of extents) {
    for (let done = 0; done < length; ) {
      if (rest.length === 0) rest = await required(content);
      const bytes = rest.subarray(0, length - done);
      yield { position: offset + done, bytes };
      done += bytes.length;
      rest = rest.subarray(bytes.length);
    }
  }
}

/** The pieces of a file of `size` bytes in GNU tar's pax format 1.0: its map comes first and fills whole blocks. */
export async function* mappedPieces(
  content: StoredContent,
  size: number,
  stored: number,
): AsyncGenerator<Piece> {
  const lines = lineReader(content);
  const extents = await readBodyMap(lines.next);
  await lines.skip(padding(lines.taken()));
  const mapLength = lines.taken();
  checkSparseMap({ size, extents }, stored - mapLength);
  yield* sparsePieces(prepend(lines.rest(), content), extents);
}

/** Reads short lines from content, and knows how many bytes they took. */
function lineReader(content: StoredContent) {
  let rest: Buffer = Buffer.alloc(0);
  let taken = 0;
  const cut = (length: number): Buffer => {
    const bytes = rest.subarray(0, length);
    rest = rest.subarray(bytes.length);
    taken += bytes.length;
    return bytes;
  };
  const next = async (): Promise<string> => {
    for (;;) {
      const end = rest.indexOf(0x0a);
      if (end >= 0) return cut(end + 1).toString('latin1', 0, end);
      if (rest.length > BLOCK) throw new ArchiveError('a sparse file whose map is wrong');
      rest = Buffer.concat([rest, await required(content)]);
    }
  };
  const skip = async (length: number): Promise<void> => {
    while (rest.length < length) rest = Buffer.concat([rest, await required(content)]);
    cut(length);
  };
  return { next, skip, taken: () => taken, rest: () => rest };
}

function prepend(first: Buffer, content: StoredContent): StoredContent {
  let left: Buffer | undefined = first.length > 0 ? first : undefined;
  return {
    async next() {
      const bytes = left ?? (await content.next());
      left = undefined;
      return bytes;
    },
  };
}

async function required(content: StoredContent): Promise<Buffer> {
  const bytes = await content.next();
  if (bytes === undefined) throw new ArchiveError('a sparse file whose map does not match its content');
  return bytes;
}
