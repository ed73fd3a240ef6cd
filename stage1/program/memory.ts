/** Bytes that will stand at a known address, filled piece by piece; each piece begins at a multiple of 16. */
export class Memory {
  private buffer = Buffer.alloc(1 << 15);
  private used = 0;
  private readonly base: number;

  constructor(base: number) {
    this.base = base;
  }

  /** Zeroed room for `length` bytes: its address. */
  reserve(length: number): number {
    const at = this.used;
    this.used = (at + length + 15) & ~15;
    if (this.used > this.buffer.length) this.grow();
    return this.base + at;
  }

  put(bytes: Uint8Array): number {
    const address = this.reserve(bytes.length);
    this.buffer.set(bytes, address - this.base);
    return address;
  }

  /** A NUL-terminated string. */
  putText(text: string): number {
    if (text.includes('\0'))
      throw new TypeError(`a string for the kernel holds NUL: ${JSON.stringify(text)}`);
    const address = this.reserve(Buffer.byteLength(text) + 1);
    this.buffer.write(text, address - this.base);
    return address;
  }

  /** A NULL-terminated array of addresses of strings. */
  putVector(texts: readonly string[]): number {
    const array = this.reserve(8 * (texts.length + 1));
    for (let i = 0; i < texts.length; i++) this.setWord(array + 8 * i, this.putText(texts[i] ?? ''));
    return array;
  }

  /** A 64-bit little-endian word; negative numbers wrap. In two halves: a BigInt for each costs more than all the rest. */
  setWord(address: number, value: number): void {
    const at = address - this.base;
    this.buffer.writeInt32LE(value | 0, at);
    this.buffer.writeInt32LE(Math.floor(value / 0x1_0000_0000) | 0, at + 4);
  }

  bytes(): Buffer {
    return this.buffer.subarray(0, this.used);
  }

  private grow(): void {
    const larger = Buffer.alloc(2 * this.used);
    larger.set(this.buffer);
    this.buffer = larger;
  }
}
