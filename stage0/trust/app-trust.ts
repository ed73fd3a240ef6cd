import { join } from 'node:path';
import { parseAcIdentifier } from '../../schema/ac-identifier.ts';
import type { Annotations } from '../../schema/annotation.ts';
import { anything, object } from '../../schema/decode.ts';
import { type Digest, digest } from '../../schema/digest.ts';
import { formatJson } from '../../schema/format-json.ts';
import { decodeJson } from '../../schema/json.ts';
import { type DecisionRecord, parseRecord, recordJson } from '../../trust/decision-record.ts';
import { readPodFile } from '../pod/read-file.ts';

/** Why an app's image was let into its pod. The pod keeps it, for it may outlive the image in the store. */
export interface AppTrust {
  /** The file that the signatures are over. */
  readonly blob: Digest;
  readonly decision: DecisionRecord;
}

/** The file of an app's directory that holds it. */
export const TRUST_FILE = 'trust.json';

export function formatAppTrust({ blob, decision }: AppTrust): string {
  return `${formatJson({ blob, decision: recordJson(decision) }, 2)}\n`;
}

const document = object({ blob: digest, decision: anything });

/** Reads it from an app's directory; a pod without it was not prepared by us. */
export function readAppTrust(directory: string): AppTrust {
  const path = join(directory, TRUST_FILE);
  const { blob, decision } = decodeJson(readPodFile(path) ?? '', document, { what: path });
  return { blob, decision: parseRecord(decision, path) };
}

/** Why nobody's signature stands behind an image; undefined: somebody's whom we trust does. */
export function whyUnverified({ mode, reason }: DecisionRecord): string | undefined {
  return mode === 'unverified' ? reason : undefined;
}

/** The annotation of an app whose image nobody vouches for; its value says why it runs all the same. */
export const UNVERIFIED = parseAcIdentifier('tsrkt.dev/unverified');

/** These annotations of an app with the truth about its image, whatever they said of it. */
export function withVerification(annotations: Annotations, unverified: string | undefined): Annotations {
  const others = annotations.filter(({ name }) => name !== UNVERIFIED);
  return unverified === undefined ? others : [...others, { name: UNVERIFIED, value: unverified }];
}
