import { copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** A root file system of busybox alone, with what the engines expect to find in one. */
export function makeRootfs(path: string): void {
  for (const directory of ['bin', 'dev', 'etc', 'proc', 'root', 'sys', 'tmp', 'usr', 'var']) {
    mkdirSync(join(path, directory), { recursive: true });
  }
  copyFileSync('/bin/busybox', join(path, 'bin/busybox'));
  for (const applet of ['sh', 'sleep', 'true']) symlinkSync('busybox', join(path, 'bin', applet));
}
