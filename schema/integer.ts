import { bigInteger, type Decoder, integer } from './decode.ts';

/** The integer types of Go, as the OCI specifications use them. Those of 64 bits are bigint everywhere. */
export const uint16: Decoder<number> = integer(0, 0xffff);
export const int32: Decoder<number> = integer(-0x8000_0000, 0x7fff_ffff);
export const uint32: Decoder<number> = integer(0, 0xffff_ffff);
export const int64: Decoder<bigint> = bigInteger(-(2n ** 63n), 2n ** 63n - 1n);
export const uint64: Decoder<bigint> = bigInteger(0n, 2n ** 64n - 1n);
