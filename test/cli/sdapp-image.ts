import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { compileSdapp } from '../systemd/sdapp.ts';
import { temporaryDirectory } from './executable.ts';
import { type BoxChanges, makeBox } from './pod-image.ts';

/** A directory that all users may read, with an image of busybox and test/systemd/sdapp.c, and with that program. */
export async function sdappImage(changes: BoxChanges = {}) {
  const directory = temporaryDirectory();
  chmodSync(directory.path, 0o755);
  const rootfs = join(directory.path, 'rootfs');
  mkdirSync(join(rootfs, 'bin'), { recursive: true });
  const sdapp = join(rootfs, 'bin/sdapp');
  compileSdapp(sdapp);
  const image = join(directory.path, 'box.aci');
  await makeBox(rootfs, image, changes);
  return { ...directory, image, sdapp };
}
