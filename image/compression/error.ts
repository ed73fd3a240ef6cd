/** Compressed data that is not what it claims to be: `gzip data: ends too early`. */
export class CompressionError extends Error {
  readonly code = 'ERR_COMPRESSED_DATA';

  constructor(format: string, problem: string) {
    super(`${format} data: ${problem}`);
    this.name = 'CompressionError';
  }
}
