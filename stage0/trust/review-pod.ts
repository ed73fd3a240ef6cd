import { join } from 'node:path';
import { type JudgeOptions, judgeKept } from '../../image/fetch/judge.ts';
import { verificationOf } from '../../image/fetch/kept-decision.ts';
import { replaceFile } from '../../linux/durable-file.ts';
import { show } from '../../schema/decode-error.ts';
import { formatJson } from '../../schema/format-json.ts';
import type { PodManifest } from '../../schema/pod-manifest.ts';
import type { PreparedPod } from '../prepare/prepare.ts';
import type { AppImage, ImageOfApp } from '../prepare/write-pod.ts';
import type { Stage1OfPod } from '../stage1/of-pod.ts';
import { type AppTrust, whyUnverified, withVerification } from './app-trust.ts';
import { refuseDowngrades } from './rollback.ts';

export interface ReviewOptions extends JudgeOptions {
  readonly dataDirectory: string;
  readonly allowDowngrade: boolean;
}

/**
 * Judges the images of a pod that was prepared earlier by today's keys and policy. What was let in unverified when the pod was
 * prepared runs, with a warning: the pod remembers that somebody wanted it.
 */
export async function reviewPod(prepared: PreparedPod, options: ReviewOptions): Promise<PreparedPod> {
  const images: AppImage[] = [];
  for (const image of prepared.images)
    images.push({ ...image, trust: await reviewImage(`app ${show(image.name)}`, image, options) });
  const stage1 = await reviewStage1(prepared.stage1, options);
  const all = stage1?.kind === 'image' ? [...images, stage1] : images;
  if (!options.allowDowngrade) refuseDowngrades(options.dataDirectory, all);
  const { pod } = prepared;
  const manifest = withToday(prepared.manifest, images);
  if (formatJson(manifest) !== formatJson(prepared.manifest))
    replaceFile(join(pod.files, 'pod'), `${formatJson(manifest, 2)}\n`, { sync: false });
  return { pod, manifest, images, stage1 };
}

/** Its image, as those of apps. */
async function reviewStage1(
  stage1: Stage1OfPod | undefined,
  options: ReviewOptions,
): Promise<Stage1OfPod | undefined> {
  if (stage1?.kind !== 'image') return stage1;
  return { ...stage1, trust: await reviewImage('stage1', stage1, options) };
}

/** Judges an image again by today's keys and policy: why it is let in now. Throws when it is not. */
export async function reviewImage(
  whose: string,
  { trust }: Pick<ImageOfApp, 'trust'>,
  options: JudgeOptions,
): Promise<AppTrust> {
  const { blob } = trust;
  const decision = isUnverified(trust) ? trust.decision : await judgeKept(asKept(trust), options);
  const unverified = whyUnverified(decision);
  if (unverified !== undefined)
    options.notes.warning(
      `image ${show(decision.request)} of ${whose} is let through unverified: ${unverified}`,
    );
  return { blob, decision };
}

function isUnverified({ decision }: AppTrust): boolean {
  return whyUnverified(decision) !== undefined;
}

function asKept({ blob, decision }: AppTrust) {
  const { request, name } = decision;
  return { request, name, blob, verification: verificationOf(decision) };
}

/** What the pod remembers of images that are let through today. */
export function withToday(
  manifest: PodManifest,
  images: readonly Pick<AppImage, 'name' | 'trust'>[],
): PodManifest {
  const apps = manifest.apps.map((app) => {
    const image = images.find(({ name }) => name === app.name);
    if (image === undefined) return app;
    const unverified = whyUnverified(image.trust.decision);
    return { ...app, annotations: withVerification(app.annotations ?? [], unverified) };
  });
  return { ...manifest, apps };
}
