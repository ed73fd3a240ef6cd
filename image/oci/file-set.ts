import type { BlobPlace } from './source.ts';

/** Files by name, to be read in any order: a directory, a tar, a zip. Links in it are no files. */
export interface FileSet extends Disposable {
  /** Bytes of the file, or undefined where there is none of this name. */
  size(name: string): number | undefined;
  /** The file's bytes from `offset` on. */
  open(name: string, offset?: number): AsyncIterable<Buffer>;
  /** Where the file's bytes lie uncompressed on this machine. */
  locate?(name: string): BlobPlace | undefined;
}

/** A file set that lacks what it must have, or holds what it must not. */
export class FileSetError extends Error {
  readonly code = 'ERR_IMAGE_FILES';
  constructor(where: string, why: string) {
    super(`read ${where}: ${why}`);
    this.name = 'FileSetError';
  }
}

/** Reads a small file whole. */
export async function readSmallFile(files: FileSet, name: string, maxBytes: number): Promise<Buffer> {
  const size = files.size(name);
  if (size === undefined) throw new FileSetError(JSON.stringify(name), 'no such file in the image');
  if (size > maxBytes) throw new FileSetError(JSON.stringify(name), `larger than ${maxBytes} bytes`);
  const chunks: Buffer[] = [];
  for await (const chunk of files.open(name)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
