import { type Decoder, matching } from './decode.ts';
import { DecodeError, show } from './decode-error.ts';

/**
 * An AC identifier (appc spec, types): names images, labels, annotations and isolators, and keys' directories.
 * The spec's grammar refuses its own example `example.com/~bob`, so the rule is that of its Go code (characters and edges),
 * but no path component is empty, `.` or `..`.
 */
export type AcIdentifier = string & { readonly __brand: 'AcIdentifier' };

export const acIdentifier: Decoder<AcIdentifier> = matching(
  /^(?!.*\/\.{0,2}\/)[a-z0-9](?:[a-z0-9\-._~/]*[a-z0-9])?$/,
  'an AC identifier (lower-case letters and digits, and between them "-", ".", "_", "~", "/")',
);

export function parseAcIdentifier(text: string): AcIdentifier {
  return acIdentifier(text);
}

/** The AC identifier nearest to `text`: lower case, "_" for other characters, no separators at the edges. */
export function sanitizeAcIdentifier(text: string): AcIdentifier {
  const safe = text.toLowerCase().replace(/[^a-z0-9\-._~/]/g, '_');
  const name = (/[a-z0-9](?:.*[a-z0-9])?/.exec(safe)?.[0] ?? '').replace(/\/(?:\.{0,2}\/)+/g, '/');
  if (name === '')
    throw new DecodeError('', `no AC identifier can be made of ${show(text)}: it has no letter or digit`);
  return name as AcIdentifier;
}
