/** A value for a file of a cgroup: one limit, or a part of one. */
export interface Setting {
  readonly controller: string;
  readonly file: string;
  readonly content: string;
  /** What does not apply when it cannot be set, as a warning says it: `memory limit`. */
  readonly limit: string;
  /** Kernels differ: another file, and what to write there, for where the first is missing. */
  readonly otherwise?: { readonly file: string; readonly content: string };
  /** Where the file is missing nothing is lost (`expendable`), or nothing can go on (`required`). */
  readonly missing?: 'expendable' | 'required';
}

/** A request that contradicts itself or asks for what no cgroup has. */
export class CgroupError extends Error {
  readonly code = 'ERR_CGROUP';
}

/** The settings of one limit: none where the config does not have it. */
export function setting<T>(
  value: T | undefined,
  about: Pick<Setting, 'controller' | 'file' | 'limit'>,
  show: (value: T) => string = String,
): readonly Setting[] {
  return value === undefined ? [] : [{ ...about, content: show(value) }];
}

/** Zero is what engines send for "not set", as runc understands it. */
export function unlessZero(value: bigint | undefined): bigint | undefined {
  return value === 0n ? undefined : value;
}
