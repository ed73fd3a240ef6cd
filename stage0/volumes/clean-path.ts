import { posix } from 'node:path';

/** An absolute path without `.`, `..`, double slashes or a slash at its end. */
export function cleanPath(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}
