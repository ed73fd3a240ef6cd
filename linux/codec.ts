/** What one round of a compressor or decompressor did. */
export interface CodecStep {
  /** How many bytes of the input it took. */
  readonly consumed: number;
  /** What it gave, possibly nothing. */
  readonly output: Buffer;
  /** Whether the output so far ends where a compressed stream (frame, member) ends. */
  readonly ended: boolean;
}

/**
 * A compressor or decompressor of a shared library. Feed it until it takes no more input, then with `last` and whatever is
 * left of the input until `ended`; a round with `last` that neither takes, gives nor ends will never do so: input is missing.
 * Memory outside of JavaScript is freed when it is disposed of.
 */
export interface Codec extends Disposable {
  step(input: Uint8Array, last: boolean): CodecStep;
}

/** Output given in one round at most. */
export const CODEC_OUTPUT = 1024 * 1024;

/** A library that refused its input; `code` is `ERR_CODEC`, the message is the library's own word for it. */
export class CodecError extends Error {
  readonly code = 'ERR_CODEC';
}
