import { readFileSync } from 'node:fs';
import { decodeJson } from '../../schema/json.ts';
import { type PodManifest, podManifest } from '../../schema/pod-manifest.ts';
import { type Flags, type FlagValues, UsageError } from '../flag.ts';
import type { AppArgs } from './app-args.ts';

export const POD_MANIFEST_FLAG = {
  'pod-manifest': {
    kind: 'string',
    value: 'FILE',
    describe: 'make the pod that this file describes, of images in the store',
  },
} as const satisfies Flags;

/** What a pod manifest says itself, or has no place for. */
const CONFLICTING = [
  'volume',
  'mount',
  'port',
  'inherit-env',
  'set-env',
  'set-env-file',
  'store-only',
  'no-store',
  'pull-policy',
] as const;

type Values = FlagValues<typeof POD_MANIFEST_FLAG> & Readonly<Record<(typeof CONFLICTING)[number], unknown>>;

/** The pod manifest in the file that `--pod-manifest` names; undefined where it is not given. */
export function givenPodManifest(apps: readonly AppArgs[], values: Values): PodManifest | undefined {
  const file = values['pod-manifest'];
  if (file === undefined) return undefined;
  const conflicts = CONFLICTING.filter((name) => isGiven(values[name]) && values[name] !== 'new');
  if (apps.length > 0 || conflicts.length > 0)
    throw new UsageError('conflicting flags set with --pod-manifest (see --help)');
  const manifest = decodeJson(readFileSync(file), podManifest, { what: file });
  if (manifest.apps.length === 0) throw new UsageError(`${file}: a pod needs at least one app`);
  return manifest;
}

/** A pod is made of images, or by a manifest. */
export function requireImages(apps: readonly AppArgs[], values: FlagValues<typeof POD_MANIFEST_FLAG>): void {
  if (apps.length === 0 && values['pod-manifest'] === undefined)
    throw new UsageError('must provide at least one image or specify the pod manifest');
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
}
