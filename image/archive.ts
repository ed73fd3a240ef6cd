import { drive, type Extractor } from './archive/driver.ts';
import type { ArchiveEntry } from './archive/entry.ts';
import { type ArchiveLimits, archiveLimits } from './archive/limits.ts';
import { readEntries } from './archive/reader.ts';
import { type Packer, writeEntries } from './archive/writer.ts';

/**
 * Reads a tar archive (v7, ustar, pax, GNU), entry by entry, up to its end mark; what follows that is taken from `chunks` and
 * ignored. An archive that ends without the mark, or that readers understand differently, is an ArchiveError.
 *
 * tar-stream reads it. It is fed block by block, so that we see every header as it stands in the archive: tar-stream alone
 * goes on after the end mark, hangs on a directory with content, swallows the content of links, takes pax values for UTF-8
 * text, applies only three pax attributes, and loses its way after the map of a sparse file.
 */
export async function* readArchive(
  chunks: AsyncIterable<Buffer>,
  limits: ArchiveLimits = archiveLimits,
): AsyncGenerator<ArchiveEntry> {
  const { extract } = await import('tar-stream');
  // one character per byte: names need not be UTF-8; archives before ustar have no magic
  const options: object = { filenameEncoding: 'latin1', allowUnknownFormat: true };
  const stream = extract(options) as unknown as Extractor; // its types do not know what its events carry
  yield* readEntries(chunks, drive(stream), limits);
}

/**
 * Writes a tar archive: ustar, with pax headers where ustar cannot say it. The same entries give the same bytes.
 *
 * tar-stream writes it; pax headers come from us, because its own hold text only, and what it would write wrong (mode 0,
 * large owners, times after 2038) goes there.
 */
export async function* writeArchive(entries: AsyncIterable<ArchiveEntry>): AsyncGenerator<Buffer> {
  const { pack } = await import('tar-stream');
  yield* writeEntries(entries, pack() as unknown as Packer);
}
