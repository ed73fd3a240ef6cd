/** How much of an archive we are ready to look at. */
export interface ArchiveLimits {
  readonly entries: number;
  /** Bytes of one pax or GNU long-name header. */
  readonly extendedHeader: number;
}

/** A pax header holds all extended attributes of a file, each of at most 64 KiB (XATTR_SIZE_MAX). */
export const archiveLimits: ArchiveLimits = { entries: 2_000_000, extendedHeader: 1024 * 1024 };
