import { join } from 'node:path';
import { annotationValue } from '../../schema/annotation.ts';
import { type ImageId, imageIdDigest } from '../../schema/image-id.ts';
import type { ImageManifest } from '../../schema/image-manifest.ts';
import { labelValue } from '../../schema/label.ts';
import { rfc3339, rfc3339Time } from '../../schema/rfc3339.ts';
import { newestRun, recordRun } from '../../trust/newest-run.ts';
import { type Freshness, refuseDowngrade } from '../../trust/rollback.ts';
import type { AppTrust } from './app-trust.ts';

/** An image that is to run. */
export interface Candidate {
  readonly id: ImageId;
  readonly manifest: ImageManifest;
  readonly trust: Pick<AppTrust, 'decision'>;
}

/** Refuses images older than the newest of their name that ever ran here. Those nobody signed are not compared: their dates prove nothing. */
export function refuseDowngrades(dataDirectory: string, candidates: readonly Candidate[]): void {
  for (const candidate of candidates.filter(isVerified)) {
    const newest = newestRun(marks(dataDirectory), lineage(candidate.manifest));
    refuseDowngrade(candidate.manifest.name, freshnessOf(candidate), newest);
  }
}

/** Remembers that these images run. */
export function recordRuns(dataDirectory: string, candidates: readonly Candidate[]): void {
  for (const candidate of candidates.filter(isVerified))
    recordRun(marks(dataDirectory), lineage(candidate.manifest), freshnessOf(candidate));
}

function marks(dataDirectory: string): string {
  return join(dataDirectory, 'newest-run');
}

function isVerified({ trust }: Candidate): boolean {
  return trust.decision.mode === 'verified';
}

/** Builds for different machines are made at different times: each has a history of its own. */
function lineage({ name, labels = [] }: ImageManifest): string {
  const platform = ['os', 'arch'].map((label) => `${label}=${labelValue(labels, label) ?? ''}`);
  return [name, ...platform].join(',');
}

function freshnessOf({ id, manifest, trust }: Candidate): Freshness {
  const { labels = [], annotations = [] } = manifest;
  const version = labelValue(labels, 'version');
  const created = annotationValue(annotations, 'created');
  const signed = lastSigned(trust);
  return {
    digest: imageIdDigest(id),
    ...(version === undefined ? {} : { version }),
    ...(created === undefined ? {} : { created: new Date(rfc3339Time(rfc3339(created))) }),
    ...(signed === undefined ? {} : { signed }),
  };
}

function lastSigned({ decision }: Candidate['trust']): Date | undefined {
  const dates = decision.signatures.flatMap(({ outcome, created }) =>
    outcome === 'good' && created !== undefined ? [created] : [],
  );
  return dates.toSorted((a, b) => Number(b) - Number(a))[0];
}
