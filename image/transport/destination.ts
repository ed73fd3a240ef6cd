import { existsSync } from 'node:fs';
import { show } from '../../schema/decode-error.ts';
import type { FetchOptions } from '../fetch/options.ts';
import type { ImageDestination } from '../oci/destination.ts';
import { layoutDestination } from '../oci/layout-destination.ts';
import type { Reference } from '../reference.ts';
import type { Repository } from '../registry/repository.ts';
import { archiveDestination } from './archive-destination.ts';

/** A place that images cannot be put into, or that is taken. */
export class DestinationError extends Error {
  readonly code = 'ERR_DESTINATION';
  readonly hint: string | undefined;

  constructor(place: string, why: string, hint?: string) {
    super(`copy to ${show(place)}: ${why}`);
    this.name = 'DestinationError';
    this.hint = hint;
  }
}

/** Opens the place that a reference names: `docker://…`, `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]`. `origin` is the repository that the image comes from, if any. */
export async function openDestination(
  reference: Reference,
  text: string,
  options: Pick<FetchOptions, 'http' | 'registries'>,
  origin: () => Repository | undefined,
): Promise<ImageDestination> {
  switch (reference.kind) {
    case 'oci':
      return layoutDestination(reference.path, reference.tag);
    case 'oci-archive':
      if (existsSync(reference.path)) throw new DestinationError(text, 'the file exists', 'remove it first');
      return archiveDestination(reference.path, reference.tag);
    case 'docker': {
      const { openPushDestination } = await import('./registry-push.ts');
      return openPushDestination(reference, options, origin);
    }
    default:
      throw new DestinationError(text, 'images can be copied to docker://…, oci:DIR and oci-archive:FILE');
  }
}
