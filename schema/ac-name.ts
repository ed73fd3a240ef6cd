import { type Decoder, matching } from './decode.ts';
import { DecodeError, show } from './decode-error.ts';

/**
 * An AC name (appc spec, types): names apps, volumes, ports and mount points; safe as a file name.
 * Several "-" in a row are against the spec's grammar, but its Go code takes them and converted Docker images have them.
 */
export type AcName = string & { readonly __brand: 'AcName' };

export const acName: Decoder<AcName> = matching(
  /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/,
  'an AC name (lower-case letters and digits, and "-" between them)',
);

/** The AC name nearest to `text`: lower case, "-" for each run of other characters, none at the edges. */
export function sanitizeAcName(text: string): AcName {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  if (name === '')
    throw new DecodeError('', `no AC name can be made of ${show(text)}: it has no letter or digit`);
  return name as AcName;
}
