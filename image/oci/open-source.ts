import type { Reference } from '../reference.ts';
import { archiveFiles } from './archive-files.ts';
import { directoryFiles } from './directory-files.ts';
import { dockerArchiveSource } from './docker-archive.ts';
import { layoutSource } from './layout-source.ts';
import { directorySource, tarSource } from './rootfs-source.ts';
import type { ImageSource } from './source.ts';

/** The kinds of references that name an OCI or Docker image, or a bare root file system, on this machine. */
export type LocalReference = Extract<
  Reference,
  { kind: 'oci' | 'oci-archive' | 'docker-archive' | 'docker-export' | 'rootfs' }
>;

/** Opens an image on this machine; what has to be unpacked to be read goes into unnamed files in `temporary`. `where` names it in errors. */
export async function openLocalSource(
  reference: LocalReference,
  temporary: string,
  where = reference.path,
): Promise<ImageSource> {
  const { path } = reference;
  switch (reference.kind) {
    case 'oci':
      return layoutSource(directoryFiles(path), where, reference.tag);
    case 'oci-archive':
      return layoutSource(await archiveFiles(path, temporary), where, reference.tag);
    case 'docker-archive':
      return dockerArchiveSource(await archiveFiles(path, temporary), where, reference.image);
    case 'docker-export':
      return tarSource(path, temporary);
    case 'rootfs':
      return directorySource(path, temporary);
  }
}
