/** Chunks from somewhere, taken in the pieces one wants. */
export interface ByteSource {
  /** Exactly `length` bytes, or undefined when the source ends before. */
  take(length: number): Promise<Buffer | undefined>;
  /** At least one and at most `length` bytes, without a copy; undefined at the end. */
  some(length: number): Promise<Buffer | undefined>;
  /** Lets whoever makes the chunks clean up. */
  close(): Promise<void>;
}

export function byteSource(chunks: AsyncIterable<Buffer>): ByteSource {
  const iterator = chunks[Symbol.asyncIterator]();
  let current: Buffer = Buffer.alloc(0);
  const cut = (length: number): Buffer => {
    const bytes = current.subarray(0, length);
    current = current.subarray(bytes.length);
    return bytes;
  };
  const some = async (length: number): Promise<Buffer | undefined> => {
    while (current.length === 0) {
      const { value, done } = await iterator.next();
      if (done) return undefined;
      current = value;
    }
    return cut(length);
  };
  const take = async (length: number): Promise<Buffer | undefined> => {
    if (current.length >= length) return cut(length);
    const parts: Buffer[] = [];
    for (let left = length; left > 0; ) {
      const part = await some(left);
      if (part === undefined) return undefined;
      parts.push(part);
      left -= part.length;
    }
    return Buffer.concat(parts, length);
  };
  const close = async () => void (await iterator.return?.());
  return { some, take, close };
}
