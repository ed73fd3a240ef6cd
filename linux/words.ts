/** 64-bit little-endian words, as every structure of the kernel we fill uses on x86-64 and arm64; negative numbers wrap. */
export function words(values: readonly (number | bigint)[]): Buffer {
  return Buffer.from(BigUint64Array.from(values, BigInt).buffer);
}
