export type EntryType =
  | 'file'
  | 'link'
  | 'symlink'
  | 'directory'
  | 'character-device'
  | 'block-device'
  | 'fifo';

/** What an archive says of a file before the file's content. */
export interface EntryHeader {
  /** As the archive has it: any bytes but NUL. */
  readonly path: Buffer;
  readonly type: EntryType;
  /** Where a `link` (a path in the archive) or `symlink` points; empty for others. */
  readonly linkTarget: Buffer;
  /** The twelve permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Nanoseconds since 1970. */
  readonly mtime: bigint;
  /** Of a device. */
  readonly major: number;
  readonly minor: number;
  /** Of a `file`, holes included; 0 for others. */
  readonly size: number;
  readonly xattrs: ReadonlyMap<string, Buffer>;
}

/** Part of a file's content. Pieces come in ascending order; what lies between them, and after the last one, is zero. */
export interface Piece {
  readonly position: number;
  readonly bytes: Buffer;
}

/** An entry whose content can be read once, while it is the reader's current one; what is not read is skipped. */
export interface ArchiveEntry extends EntryHeader {
  readonly pieces: AsyncIterable<Piece>;
}
