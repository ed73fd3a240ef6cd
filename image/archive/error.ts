/** A tar archive that is damaged, or that says what readers understand differently: `archive: entry "a": …`. */
export class ArchiveError extends Error {
  readonly code = 'ERR_ARCHIVE';

  constructor(problem: string) {
    super(`archive: ${problem}`);
    this.name = 'ArchiveError';
  }
}
