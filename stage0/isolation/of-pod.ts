import type { PodManifest } from '../../schema/pod-manifest.ts';
import type { Resources } from '../../schema/runtime-config.ts';
import type { Sysctl } from '../../schema/sysctl.ts';
import type { NamespaceChoices } from '../runtime-config/namespaces.ts';
import type { BlockDevice } from './block-devices.ts';
import { resourcesOf } from './resources.ts';
import { planSysctls } from './sysctls.ts';
import { unenforcedOfApp, unenforcedOfPod } from './unenforced.ts';

/** What holds for a pod as a whole. */
export interface PodIsolation {
  readonly sysctl: Sysctl;
  readonly resources: Resources;
  /** The isolators of the pod and its apps that have no effect, a sentence each. */
  readonly warnings: readonly string[];
}

export interface PodIsolationChoices extends NamespaceChoices {
  readonly blockDevices: () => readonly BlockDevice[];
}

/** What the isolators of a pod mean, and those of its apps that are for the whole pod. */
export function podIsolation(
  { isolators = [] }: Pick<PodManifest, 'isolators'>,
  apps: readonly { readonly name: string; readonly isolators: PodManifest['isolators'] }[],
  choices: PodIsolationChoices,
): PodIsolation {
  const ofApps = apps.map(({ name, isolators: own = [] }) => ({ app: name, isolators: own }));
  const { sysctl, warnings } = planSysctls(isolators, ofApps, choices);
  return {
    sysctl,
    resources: resourcesOf(isolators, choices.blockDevices),
    warnings: [
      ...unenforcedOfPod(isolators),
      ...ofApps.flatMap(({ app, isolators: own }) => unenforcedOfApp(app, own)),
      ...warnings,
    ],
  };
}
