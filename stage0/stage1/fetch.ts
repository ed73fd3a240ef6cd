import type { FetchedImage, FetchOptions } from '../../image/fetch/options.ts';
import { fetchImage } from '../../image/fetch.ts';
import type { Store } from '../../image/store/layout.ts';
import { hasCode } from '../../linux/system-error.ts';
import { show } from '../../schema/decode-error.ts';
import type { NamedStage1, Stage1Choice } from './choice.ts';
import { checkExecutable, refuseOthersPath } from './executable.ts';
import { Stage1Error } from './stage1-error.ts';

/** A stage1 that is on this machine, its image verified. */
export type FetchedStage1 =
  | { readonly kind: 'executable'; readonly path: string }
  | { readonly kind: 'image'; readonly image: FetchedImage };

/**
 * Brings a stage1 here. Its image is verified as any other. Undefined: it is the one that came with tsrkt. Unless images may only come
 * out of the store, one that is not there yet is looked for elsewhere, and never a newer one (rkt's rule).
 */
export async function fetchStage1(
  store: Store,
  choice: Stage1Choice,
  options: FetchOptions,
): Promise<FetchedStage1 | undefined> {
  if (choice.kind === 'own') return undefined;
  if (choice.kind === 'executable') return { kind: 'executable', path: checkExecutable(choice.path) };
  return fetchNamed(store, choice, {
    ...options,
    pullPolicy: options.pullPolicy === 'never' ? 'never' : 'new',
  });
}

async function fetchNamed(
  store: Store,
  choice: Extract<NamedStage1, { readonly kind: 'image' }>,
  options: FetchOptions,
): Promise<FetchedStage1 | undefined> {
  const { reference, storedOnly = false, chosenBy, otherwise } = choice;
  if (chosenBy !== undefined) refuseOthersPath(reference, `${chosenBy}: stage1 ${show(reference)}`);
  const { pullPolicy } = options;
  try {
    const policy = storedOnly ? 'never' : pullPolicy;
    return {
      kind: 'image',
      image: await fetchImage(store, { reference }, { ...options, pullPolicy: policy }),
    };
  } catch (cause) {
    if (!storedOnly || !hasCode(cause, 'ERR_NOT_FOUND')) throw cause;
    if (otherwise !== undefined) return fetchStage1(store, otherwise, options);
    throw new Stage1Error(
      `stage1.d: image ${show(reference)} is not in the store, and no location is given`,
      {
        cause,
        hint: `tsrkt fetch ${reference}`,
      },
    );
  }
}
