import { type Decoder, matching } from './decode.ts';
import { DecodeError, show } from './decode-error.ts';

/**
 * An AC identifier (appc spec, types): names images, labels, annotations and isolators.
 * The grammar is the spec's, stricter than its Go code: separators stand alone, so no `..` and no empty path component.
 */
export type AcIdentifier = string & { readonly __brand: 'AcIdentifier' };

export const acIdentifier: Decoder<AcIdentifier> = matching(
  /^[a-z0-9]+(?:[-._~/][a-z0-9]+)*$/,
  'an AC identifier (lower-case letters and digits, single "-", ".", "_", "~" or "/" between them)',
);

export function parseAcIdentifier(text: string): AcIdentifier {
  return acIdentifier(text);
}

/** The AC identifier nearest to `text`: lower case, "_" for other characters, one separator of each run, none at the edges. */
export function sanitizeAcIdentifier(text: string): AcIdentifier {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9\-._~/]/g, '_')
    .replace(/[-._~/]{2,}/g, (run) => (run.includes('/') ? '/' : run.charAt(0)))
    .replace(/^[-._~/]|[-._~/]$/g, '');
  if (name === '')
    throw new DecodeError('', `no AC identifier can be made of ${show(text)}: it has no letter or digit`);
  return name as AcIdentifier;
}
