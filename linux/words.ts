/**
 * 64-bit little-endian words, as every structure of the kernel we fill uses on x86-64 and arm64; negative numbers wrap.
 * Numbers are written as two halves: making a BigInt of each costs more than the rest of encoding a program.
 */
export function words(values: readonly (number | bigint)[]): Buffer {
  const halves = new Uint32Array(2 * values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (typeof value === 'bigint') writeBigInt(halves, i, value);
    else {
      halves[2 * i] = value; // a typed array keeps the low 32 bits
      halves[2 * i + 1] = Math.floor(value / 0x1_0000_0000);
    }
  }
  return Buffer.from(halves.buffer);
}

function writeBigInt(halves: Uint32Array, i: number, value: bigint): void {
  halves[2 * i] = Number(value & 0xffff_ffffn);
  halves[2 * i + 1] = Number((value >> 32n) & 0xffff_ffffn);
}
