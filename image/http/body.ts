import { ConnectionError } from './connection-error.ts';
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
export async function* limitedBody(
  body: AsyncIterable<Buffer>,
  limits: BodyLimits,
  abort: () => void,
): AsyncGenerator<Buffer> {
  const chunks = watched(body[Symbol.asyncIterator](), limits, abort);
  let total = 0;
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await chunks.next();
      ended = done === true;
      if (done) return;
      total += value.length;
      if (total > limits.maxBytes)
        throw new BodyError('ERR_HTTP_TOO_LARGE', limits.url, `more than ${limits.maxBytes} bytes`);
      yield value;
    }
  } finally {
    chunks[Symbol.dispose]();
    if (!ended) abort();
  }
}

interface Watched extends Disposable {
  next(): Promise<IteratorResult<Buffer>>;
}

/** Chunks each of which has to come in time, and whose failures say where they come from. */
function watched(chunks: AsyncIterator<Buffer>, { url, idleMs }: BodyLimits, abort: () => void): Watched {
  let waiting = false;
  let stalled = false;
  const timer = setTimeout(() => {
    stalled = waiting;
    if (stalled) abort();
  }, idleMs);
  const next = async () => {
    waiting = true;
    timer.refresh();
    try {
      return await chunks.next();
    } catch (error) {
      if (stalled) throw new BodyError('ERR_HTTP_TIMEOUT', url, `no data for ${idleMs / 1000} s`);
      throw error instanceof Error && error.name === 'AbortError' ? error : new ConnectionError(url, error);
    } finally {
      waiting = false;
    }
  };
  return { next, [Symbol.dispose]: () => clearTimeout(timer) };
}

/** Reads a small body whole. */
export async function readBody(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
