import type { AppWish, PodWish } from '../../stage0/api.ts';
import type { FlagValues } from '../flag.ts';
import type { AppArgs } from './app-args.ts';
import { appRequest, signatureFile } from './app-flags.ts';
import type { Globals } from './globals.ts';
import { givenPodManifest } from './pod-manifest-flag.ts';
import { exposedPorts, type PREPARE_FLAGS, podEnvironment, pullPolicy } from './prepare-flags.ts';
import { stage1Choice } from './stage1-flags.ts';
import { mountsOf, volumesOf } from './volume-flags.ts';

/** What a command line says of the apps of a pod. */
export function appWishes(apps: readonly AppArgs[]): readonly AppWish[] {
  return apps.map((app) => ({
    image: app.reference,
    signatureFile: signatureFile(app),
    ...appRequest(app),
  }));
}

/** What it says of the pod; reads the files it names. */
export function podWish(
  apps: readonly AppArgs[],
  values: FlagValues<typeof PREPARE_FLAGS>,
  globals: Globals,
): PodWish {
  return {
    manifest: givenPodManifest(apps, values),
    environment: podEnvironment(values),
    ports: exposedPorts(values),
    volumes: volumesOf(values),
    mounts: mountsOf(values),
    overlay: !values['no-overlay'],
    privateUsers: values['private-users'],
    pullPolicy: pullPolicy(values, 'new'),
    stage1: stage1Choice(values, globals),
    allowDowngrade: values['allow-downgrade'],
  };
}
