import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describeImage, type ImageDescription } from '../image/describe.ts';
import type { Store } from '../image/store/layout.ts';
import { namedRootfs } from '../image/store/rootfs.ts';
import { formatJson } from '../schema/format-json.ts';
import type { PodManifest } from '../schema/pod-manifest.ts';
import { parseUuid } from '../schema/uuid.ts';
import type { Flavor } from './flavor/flavor.ts';
import { stage1Command } from './flavor/stage1-command.ts';
import { podPath } from './pod/directory.ts';
import { type ImageRoot, openImageRoot } from './prepare/image-root.ts';
import { makePodManifest } from './prepare/pod-manifest.ts';
import type { PrepareRequest } from './prepare/prepare.ts';
import type { ImageOfPod } from './prepare/request.ts';
import { compileRun } from './run/compile.ts';
import { hostView } from './run/host-view.ts';
import type { PreparedApp } from './run/prepared-app.ts';
import type { RunRequest } from './run/request.ts';
import { whyUnverified } from './trust/app-trust.ts';
import { chooseRange } from './user-namespace/choose-range.ts';

/** What a run would do, as documents. */
export interface DryRun {
  readonly manifest: PodManifest;
  /** What stage1 would find in the pod's directory; `stage1 run --dry-run -` reads it. */
  readonly documents: Readonly<Record<string, unknown>>;
  readonly flavor: Flavor;
  readonly warnings: readonly string[];
}

/** Works out what a run would do. Images are looked at where they are; nothing is written anywhere. */
export async function planDryRun(request: PrepareRequest, howToRun: RunRequest): Promise<DryRun> {
  const store: Store = { path: join(request.dataDirectory, 'cas') };
  const images: (ImageOfPod & ImageDescription)[] = [];
  for (const wanted of request.images) {
    const image = await describeImage(store, wanted, request.fetch);
    images.push({ ...image, request: wanted.request, unverified: whyUnverified(image.decision) });
  }
  const manifest = makePodManifest(images, request);
  const uuid = parseUuid(crypto.randomUUID());
  const apps = manifest.apps.flatMap((app, index): PreparedApp[] => {
    const image = images[index];
    if (image === undefined) return [];
    const { lowers } = namedRootfs(store, image.parts);
    const files = imageRoot(image, lowers);
    return [{ app, image: image.manifest, files, lowers: request.overlay ? lowers : undefined }];
  });
  const path = podPath(request.dataDirectory, 'run', uuid);
  const privateUsers = request.privateUsers
    ? { range: chooseRange(uuid, []), idmapped: true } // nothing is taken, nothing is tried
    : undefined;
  const pod = { uuid, path, manifest, apps, privateUsers };
  const { documents, warnings } = compileRun(pod, howToRun, hostView());
  return { manifest, documents: { pod: manifest, ...documents }, flavor: howToRun.flavor, warnings };
}

/** Has a stage1 print the programs it would run; its exit status. */
export function printPrograms(stage1: string, { documents, flavor }: DryRun): number {
  const input = formatJson(documents);
  const { status, error } = spawnSync(stage1, [stage1Command(flavor), '--dry-run', '-'], {
    input,
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  if (error) throw error;
  return status ?? 1;
}

/** The image's files in its tree, or what the image file itself says of them. */
function imageRoot({ inspection }: ImageDescription, lowers: readonly string[]): ImageRoot {
  if (inspection === undefined || lowers.every((path) => existsSync(path))) return openImageRoot(lowers);
  const { passwd, group, ownerOf } = inspection;
  return {
    passwd: () => passwd,
    group: () => group,
    ownerOf,
    has: (path) => ownerOf(path) !== undefined,
    [Symbol.dispose]: () => {},
  };
}
