import type { PodManifest } from '../../schema/pod-manifest.ts';
import type { RunRequest } from '../run/request.ts';

/** A pod that the flavor fly cannot run. */
export class FlyError extends Error {
  readonly code = 'ERR_FLY';
}

/** Refuses what fly does not have. */
export function checkFly({ apps }: PodManifest, { network, hostname, hostIpc }: RunRequest): void {
  if (apps.length !== 1) throw new FlyError('fly only supports 1 application per Pod for now');
  if (network.mode !== 'host') throw new FlyError('--stage1=fly: the app is in the network of the host');
  if (hostname !== undefined) throw new FlyError('--stage1=fly: the app has the host name of the host');
  if (hostIpc) throw new FlyError('--stage1=fly: the app is in the IPC namespace of the host anyway');
}

/** What isolates an app has no effect here: a sentence for each isolator. */
export function unenforcedByFly({ apps, isolators = [] }: PodManifest): readonly string[] {
  const all = [...isolators, ...apps.flatMap(({ app }) => app?.isolators ?? [])];
  return [...new Set(all.map(({ name }) => name))].map(
    (name) => `--stage1=fly: isolator ${name} has no effect`,
  );
}
