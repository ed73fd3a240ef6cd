import { show } from '../schema/decode-error.ts';
import { type Labels, labelValue } from '../schema/label.ts';
import { TrustError } from './trust-error.ts';

/** What names an appc image: what was asked for, or what a manifest says. */
export interface AppcIdentity {
  readonly name: string;
  readonly labels: Labels;
}

/**
 * Refuses an image whose manifest is not the one that was asked for: a signature says who made the image, not that it is
 * the one behind this name. Holds with signatures switched off, too.
 */
export function refuseOtherManifest(requested: AppcIdentity, manifest: AppcIdentity): void {
  const problem = otherName(requested, manifest) ?? otherLabel(requested.labels, manifest.labels);
  if (problem === undefined) return;
  throw new TrustError('ERR_SIGNATURE_IDENTITY', `image ${show(requested.name)}: ${problem}`);
}

function otherName(requested: AppcIdentity, manifest: AppcIdentity): string | undefined {
  if (requested.name === manifest.name) return undefined;
  return `its manifest is of ${show(manifest.name)}`;
}

function otherLabel(requested: Labels, found: Labels): string | undefined {
  for (const { name, value } of requested) {
    const actual = labelValue(found, name);
    if (actual === undefined) return `requested label ${show(name)} not provided by the image manifest`;
    if (actual !== value)
      return `requested value for label ${show(name)}: ${show(value)} differs from its manifest's: ${show(actual)}`;
  }
  return undefined;
}
