import { syscall } from './call.ts';
import { packVectors } from './exec.ts';
import { AT_EMPTY_PATH } from './fcntl.ts';
import { allocate, poke } from './memory.ts';

/** Replaces this process by the program that is open as `fd`. Returns only by throwing a SystemError. */
export function executeFile(fd: number, argv: readonly string[], env: readonly string[]): never {
  const length = packVectors(0, [argv, env]).bytes.length;
  const base = allocate(length);
  const { bytes, addresses } = packVectors(base, [argv, env]);
  poke(base, bytes);
  syscall('execveat', [fd, '', ...addresses, AT_EMPTY_PATH], `execute file descriptor ${fd}`);
  throw new TypeError('execveat returned without an error');
}
