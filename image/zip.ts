import type { Entry, ZipFile } from 'yauzl';
import { type FileSet, FileSetError } from './oci/file-set.ts';

/** The most files of a zip, and how far one may grow: bytes out per byte in, after the first MiB. */
const MAX_FILES = 100_000;
const MAX_RATIO = 1000;
const FREE_BYTES = 1 << 20;

/**
 * The files of a zip. Refused: names that leave the archive or hold backslashes, names that come twice, links and other special
 * files, encryption, and files that grow too far. The zip's own checksums are not looked at: blobs are verified by digest.
 */
export async function zipFiles(path: string): Promise<FileSet> {
  const { openPromise } = await import('yauzl');
  const zip = await opened(
    path,
    openPromise(path, { lazyEntries: true, autoClose: false, strictFileNames: true }),
  );
  try {
    const entries = await opened(path, readEntries(zip, path));
    return fileSet(zip, entries, path);
  } catch (error) {
    zip.close();
    throw error;
  }
}

/** Errors of yauzl have no code, as it makes no difference between bad files and bad use. */
async function opened<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Error) || 'code' in error) throw error;
    throw new FileSetError(path, error.message);
  }
}

async function readEntries(zip: ZipFile, path: string): Promise<ReadonlyMap<string, Entry>> {
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    const problem = whyRefused(entry, entries);
    if (problem !== undefined) throw new FileSetError(path, `${JSON.stringify(entry.fileName)} ${problem}`);
    entries.set(entry.fileName, entry);
  }
  return entries;
}

/** The high half of the external attributes is a Unix mode where the zip was made on one. */
const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
const S_IFDIR = 0o040000;

function whyRefused(entry: Entry, known: ReadonlyMap<string, Entry>): string | undefined {
  const type = (entry.externalFileAttributes >>> 16) & S_IFMT;
  if (known.has(entry.fileName)) return 'comes twice';
  if (known.size === MAX_FILES) return `is one too many: there are more than ${MAX_FILES} files`;
  if (type !== 0 && type !== S_IFREG && type !== S_IFDIR) return 'is a link or a special file';
  if (entry.isEncrypted()) return 'is encrypted';
  if (!entry.canDecodeFileData()) return 'is compressed in a way we do not know';
  const growth = entry.uncompressedSize - FREE_BYTES;
  return growth > entry.compressedSize * MAX_RATIO ? `grows more than ${MAX_RATIO} times` : undefined;
}

function fileSet(zip: ZipFile, entries: ReadonlyMap<string, Entry>, path: string): FileSet {
  return {
    size: (name) => entries.get(name)?.uncompressedSize,
    open: async function* (name, offset = 0) {
      const entry = entries.get(name);
      if (entry === undefined) throw new FileSetError(path, `no file ${JSON.stringify(name)} in it`);
      const stream = await opened(path, zip.openReadStreamPromise(entry));
      yield* from(offset, stream as AsyncIterable<Buffer>, path);
    },
    [Symbol.dispose]: () => zip.close(),
  };
}

async function* from(offset: number, stream: AsyncIterable<Buffer>, path: string): AsyncGenerator<Buffer> {
  let skip = offset;
  const chunks = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await opened(path, chunks.next());
      if (done) return;
      if (value.length > skip) yield value.subarray(skip);
      skip = Math.max(0, skip - value.length);
    }
  } finally {
    await chunks.return?.();
  }
}
