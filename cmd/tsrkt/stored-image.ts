import type { StoredImage } from '../../image/store/image.ts';
import type { Store } from '../../image/store/layout.ts';
import type { Globals } from './globals.ts';

/** The image of the store that a name or the beginning of an ID means, and the store. */
export async function openStoredImage(
  { dataDirectory }: Globals,
  reference: string,
): Promise<{ readonly store: Store; readonly image: StoredImage }> {
  const { findStoredImage } = await import('../../image/fetch.ts');
  const { openStore } = await import('../../image/store.ts');
  const { hostPlatform } = await import('../../stage0/prepare/platform.ts');
  const store = openStore(dataDirectory);
  return { store, image: findStoredImage(store, reference, hostPlatform()) };
}
