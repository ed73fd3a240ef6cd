import {
  closeSync,
  constants,
  fsyncSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { syncDirectory } from '../../linux/durable-file.ts';
import { writeArchive } from '../archive.ts';
import { gathered } from '../gathered.ts';
import type { ImageDestination } from '../oci/destination.ts';
import { layoutDestination } from '../oci/layout-destination.ts';
import { readTree } from '../read-tree.ts';

/** Puts an image into the new file `path`, a tar of an image layout. It appears when the image has its name. */
export function archiveDestination(path: string, tag?: string): ImageDestination {
  const scratch = mkdtempSync(join(dirname(path), `.${basename(path)}-`));
  const layout = layoutDestination(join(scratch, 'layout'), tag);
  return {
    ...layout,
    putName: async (document) => {
      await layout.putName(document);
      await writeTar(join(scratch, 'layout'), join(scratch, 'tar'), path);
    },
    [Symbol.asyncDispose]: async () => rmSync(scratch, { recursive: true, force: true }),
  };
}

async function writeTar(directory: string, temporary: string, path: string): Promise<void> {
  const fd = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o644);
  try {
    for await (const chunk of gathered(writeArchive(readTree(directory, '.')))) writeAll(fd, chunk);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
  syncDirectory(dirname(path));
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}
