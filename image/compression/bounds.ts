export interface DecompressionBounds {
  /** The most bytes that may come out. */
  readonly outputBytes: number;
  /** How many bytes may come out for each one that went in, after the first MiB. */
  readonly ratio: number;
}

export const defaultBounds: DecompressionBounds = { outputBytes: 128 * 2 ** 30, ratio: 1000 };

/** Data that grows more than allowed when it is decompressed. */
export class BoundsError extends Error {
  readonly code = 'ERR_TOO_LARGE';
}

const FREE_BYTES = 1024 * 1024;

/** Runs `decompress` over the chunks and stops it where its output breaks the bounds. */
export async function* bounded(
  chunks: AsyncIterable<Buffer>,
  bounds: DecompressionBounds,
  decompress: (chunks: AsyncIterable<Buffer>) => AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  let taken = 0;
  let given = 0;
  async function* counted() {
    for await (const chunk of chunks) {
      taken += chunk.length;
      yield chunk;
    }
  }
  for await (const chunk of decompress(counted())) {
    given += chunk.length;
    const problem = brokenBound(taken, given, bounds);
    if (problem !== undefined) throw new BoundsError(`decompress: ${problem}`);
    yield chunk;
  }
}

/** Which bound `given` bytes out of `taken` break, if any. */
export function brokenBound(taken: number, given: number, bounds: DecompressionBounds): string | undefined {
  if (given > bounds.outputBytes) return `more than ${bounds.outputBytes} bytes come out`;
  if (given - FREE_BYTES > taken * bounds.ratio)
    return `more than ${bounds.ratio} bytes come out for each one that goes in`;
  return undefined;
}
