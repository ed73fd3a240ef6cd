import './report.ts';
import { DataType, load, open } from 'ffi-rs';

/**
 * The only importer of ffi-rs: calls into glibc and other shared libraries of the host, unchecked.
 * Callers use {@link file://./call.ts} (throws a SystemError) unless a result is not "−1 and errno".
 *
 * Arguments are 64-bit integers, or bytes passed by address. A string becomes a NUL-terminated copy of its UTF-8 bytes;
 * a name that is not UTF-8 is passed as a Uint8Array that ends with NUL. `null` is the null pointer.
 * The callee may write into a Uint8Array. Variadic functions work on x86-64 and arm64 Linux, where integers travel alike.
 */
export type Arg = number | bigint | string | Uint8Array | null;

/** What a foreign function returned; `errno` means something only where the function says that it set it. */
export interface Returned {
  readonly value: number;
  readonly errno: number;
}

open({ library: 'c', path: '' });

/** Calls a function that returns a C `int`, in libc or in a library opened with {@link openLibrary}. */
export function callInt(name: string, args: readonly Arg[], library = 'c'): Returned {
  return call(library, name, DataType.I32, args);
}

/** As callInt(), in a thread of the runtime's pool, for what waits: nothing else does meanwhile. The bytes may not be used until then. */
export async function callIntApart(name: string, args: readonly Arg[], library = 'c'): Promise<Returned> {
  const params = { ...parameters(library, name, DataType.I32, args), runInNewThread: true } as const;
  return returned(await load(params));
}

/** Calls a function that returns a pointer, a `long` or a `size_t`. */
export function callLong(name: string, args: readonly Arg[], library = 'c'): Returned {
  return call(library, name, DataType.I64, args);
}

/** Opens a shared library of the host by its soname, e.g. `libzstd.so.1`; throws when the host has none. */
export function openLibrary(soname: string): void {
  if (opened.has(soname)) return;
  open({ library: soname, path: soname });
  opened.add(soname);
}

/** strerror(3), e.g. `Operation not permitted`. */
export function strerror(errno: number): string {
  return text('strerror', errno);
}

/** strerrorname_np(3), e.g. `EPERM`. */
export function errnoName(errno: number): string {
  return text('strerrorname_np', errno);
}

const opened = new Set<string>();

type Result = DataType.I32 | DataType.I64;

function call(library: string, funcName: string, retType: Result, args: readonly Arg[]): Returned {
  return returned(load(parameters(library, funcName, retType, args)));
}

function parameters(library: string, funcName: string, retType: Result, args: readonly Arg[]) {
  const paramsType = args.map((arg) => (isBytes(arg) ? DataType.U8Array : DataType.I64));
  return { library, funcName, retType, paramsType, paramsValue: args.map(native), errno: true } as const;
}

/** ffi-rs types a call with errno as the bare value. */
function returned(result: unknown): Returned {
  const { value, errnoCode } = result as { value: number; errnoCode: number };
  return { value, errno: errnoCode };
}

function isBytes(arg: Arg): arg is string | Uint8Array {
  return typeof arg === 'string' || arg instanceof Uint8Array;
}

function native(arg: Arg): number | Buffer {
  if (typeof arg === 'string') return cString(arg);
  if (arg instanceof Uint8Array) return Buffer.from(arg.buffer, arg.byteOffset, arg.byteLength);
  return Number(arg);
}

/** The UTF-8 bytes of a string and a NUL. A NUL inside would silently cut the string: a bug of the caller, so a TypeError. */
export function cString(value: string): Buffer {
  if (value.includes('\0'))
    throw new TypeError(`a string for the kernel holds NUL: ${JSON.stringify(value)}`);
  return Buffer.from(`${value}\0`);
}

function text(funcName: string, errno: number): string {
  return load({
    library: 'c',
    funcName,
    retType: DataType.String,
    paramsType: [DataType.I32],
    paramsValue: [errno],
  });
}
