import { libc } from './call.ts';
import { F_SETFD } from './fcntl.ts';
import { callLong, cString } from './libc.ts';
import { SystemError } from './system-error.ts';

/** bits/mman.h */
const PROT_READ_WRITE = 3;
const MAP_PRIVATE_ANONYMOUS = 0x22;
const POINTER = 8;

/** What a process is given by execve(2); `env` holds `NAME=value` strings. */
export interface Program {
  readonly path: string;
  readonly argv: readonly string[];
  readonly env: readonly string[];
}

/**
 * Replaces this process by another program: same pid, same parent, same locks. Returns only by throwing a SystemError.
 * Standard input, output and error are kept, although the JavaScript runtime marks them close-on-exec when it starts.
 */
export function execve({ path, argv, env }: Program): never {
  for (const fd of [0, 1, 2]) keepAcrossExec(fd);
  const length = packVectors(0, [argv, env]).bytes.length;
  const base = mapMemory(length);
  const { bytes, addresses } = packVectors(base, [argv, env]);
  callLong('memcpy', [base, bytes, bytes.length]);
  libc('execve', [path, ...addresses], `execute ${JSON.stringify(path)}`);
  throw new TypeError('execve returned without an error');
}

/** Clears close-on-exec, so that the next program inherits `fd`. Fine when `fd` is closed. */
export function keepAcrossExec(fd: number): void {
  callLong('fcntl', [fd, F_SETFD, 0]);
}

/** NULL-terminated vectors of C strings laid out for memory that begins at address `base`: the bytes, and each vector's address. */
export function packVectors(base: number, vectors: readonly (readonly string[])[]) {
  const strings = vectors.map((vector) => vector.map(cString));
  const pointers = Buffer.alloc(POINTER * strings.reduce((count, vector) => count + vector.length + 1, 0));
  const addresses: number[] = [];
  let slot = 0;
  let next = base + pointers.length;
  for (const vector of strings) {
    addresses.push(base + slot * POINTER);
    for (const string of vector) {
      pointers.writeBigUInt64LE(BigInt(next), slot++ * POINTER);
      next += string.length;
    }
    slot++; // the NULL that ends a vector
  }
  return { bytes: Buffer.concat([pointers, ...strings.flat()]), addresses };
}

function mapMemory(length: number): number {
  const { value, errno } = callLong('mmap', [0, length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0]);
  if (value === -1) throw new SystemError(`map ${length} bytes`, errno);
  return value;
}
