import { libc } from './call.ts';
import { callLong } from './libc.ts';
import { SystemError } from './system-error.ts';

/** asm-generic/mman-common.h */
const PROT = { READ: 1, WRITE: 2, EXEC: 4 } as const;
const MAP_SHARED = 1;
const MAP_ANONYMOUS = 0x20;
export const PAGE_SIZE = 4096;

/** Fresh zeroed memory at an address of the kernel's choice, shared with children. `length` in bytes. */
export function allocate(length: number): number {
  const args = [0, length, PROT.READ | PROT.WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0];
  const { value, errno } = callLong('mmap', args);
  if (value === -1) throw new SystemError(`map ${length} bytes`, errno);
  return value;
}

export function free(address: number, length: number): void {
  libc('munmap', [address, length]);
}

/** Memory with this code in it; it was never writable and executable at once. */
export function allocateCode(code: Uint8Array): number {
  const address = allocate(PAGE_SIZE);
  poke(address, code);
  libc('mprotect', [address, PAGE_SIZE, PROT.READ | PROT.EXEC]);
  return address;
}

/** Copies bytes to an address. */
export function poke(address: number, bytes: Uint8Array): void {
  if (bytes.length > 0) callLong('memcpy', [address, bytes, bytes.length]);
}

/** Copies bytes from an address. */
export function peek(address: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  if (length > 0) callLong('memcpy', [bytes, address, length]);
  return bytes;
}
