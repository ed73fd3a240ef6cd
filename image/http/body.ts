import { printableUrl } from './url.ts';

/** A body that stopped coming, or that is larger than it may be. */
export class BodyError extends Error {
  readonly code: 'ERR_HTTP_TIMEOUT' | 'ERR_HTTP_TOO_LARGE';
  constructor(code: BodyError['code'], url: URL, why: string) {
    super(`read from ${printableUrl(url)}: ${why}`);
    this.name = 'BodyError';
    this.code = code;
  }
}

export interface BodyLimits {
  readonly url: URL;
  /** Milliseconds without a byte after which we give up. */
  readonly idleMs: number;
  /** The most bytes taken, whatever the server announces. */
  readonly maxBytes: number;
}

/** Passes a body on, chunk by chunk, within its limits. Time the reader spends is not counted as the server's. */
export async function* limitedBody(body: AsyncIterable<Buffer>, limits: BodyLimits, abort: () => void) {
  let waiting = false;
  let stalled = false;
  const timer = setTimeout(() => {
    if (waiting) {
      stalled = true;
      abort();
    }
  }, limits.idleMs);
  const chunks = body[Symbol.asyncIterator]();
  let total = 0;
  let ended = false;
  try {
    for (;;) {
      waiting = true;
      timer.refresh();
      const { done, value } = await chunks.next();
      waiting = false;
      if (done) {
        ended = true;
        return;
      }
      total += value.length;
      if (total > limits.maxBytes)
        throw new BodyError('ERR_HTTP_TOO_LARGE', limits.url, `more than ${limits.maxBytes} bytes`);
      yield value;
    }
  } catch (error) {
    if (stalled) throw new BodyError('ERR_HTTP_TIMEOUT', limits.url, `no data for ${limits.idleMs / 1000} s`);
    throw error;
  } finally {
    clearTimeout(timer);
    if (!ended) abort();
  }
}

/** Reads a small body whole. */
export async function readBody(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
