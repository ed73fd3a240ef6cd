import { closeSync, constants, openSync } from 'node:fs';
import { libc } from './call.ts';

/** syncfs(2): has everything written so far to the file system that holds `path` on the disk before it returns. */
export function syncFileSystem(path: string): void {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    libc('syncfs', [fd], `sync ${path}`);
  } finally {
    closeSync(fd);
  }
}
