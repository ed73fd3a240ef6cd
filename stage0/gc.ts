import { existsSync, fstatSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../image/store/layout.ts';
import { sweepTemporary } from '../image/store/temporary.ts';
import type { Uuid } from '../schema/uuid.ts';
import { listUuids } from './pod/directory.ts';
import { movePod } from './pod/move.ts';
import { openPod, type Pod } from './pod/open.ts';
import type { PodDirectory } from './pod/state.ts';
import { destroyPod, type RemoveContext } from './remove.ts';

export interface GcRequest extends RemoveContext {
  /** How long an exited pod is kept after it was marked. */
  readonly graceMs: number;
  /** How long a prepared pod may wait to be run. */
  readonly expirePreparedMs: number;
  /** Only mark, remove nothing. */
  readonly markOnly: boolean;
  readonly onStep: (step: GcStep) => void;
}

/** What gc does with a pod. */
export type GcStep =
  | { readonly kind: 'to exited-garbage' | 'failed prepare' | 'expired prepared'; readonly uuid: Uuid }
  | { readonly kind: 'within grace period' | 'removing'; readonly uuid: Uuid }
  | { readonly kind: 'failed'; readonly uuid: Uuid; readonly error: unknown };

/**
 * Marks what has ended, and removes what was marked long enough ago. A pod that cannot be removed does not stop the others. One
 * that stage1 could not tear down stays in `garbage`, and the next time goes whatever stage1 says. What killed imports left goes, too.
 */
export function collectGarbage(request: GcRequest): void {
  sweep(request, 'run', (pod) => mark(pod, 'exited-garbage', 'to exited-garbage', request));
  sweep(request, 'prepare', (pod) => mark(pod, 'garbage', 'failed prepare', request));
  sweep(request, 'embryo', (pod) => mark(pod, 'garbage', 'failed prepare', request));
  if (request.markOnly) return;
  sweep(request, 'prepared', (pod) => {
    if (ageOf(pod) >= request.expirePreparedMs) mark(pod, 'garbage', 'expired prepared', request);
  });
  sweep(request, 'garbage', (pod) => destroy(pod, { ...request, force: true }));
  sweep(request, 'exited-garbage', (pod) => {
    if (ageOf(pod) < request.graceMs) request.onStep({ kind: 'within grace period', uuid: pod.uuid });
    else destroy(pod, request);
  });
  sweepImports(request.dataDirectory);
}

/** What killed imports left half done; of those that go on the lock is held. Without a store there are none. */
function sweepImports(dataDirectory: string): void {
  const store = { path: join(dataDirectory, 'cas') };
  if (existsSync(temporaryDirectory(store))) sweepTemporary(store);
}

/** Does something with every pod of a directory that nobody else holds. */
function sweep(request: GcRequest, directory: PodDirectory, action: (pod: Pod) => void): void {
  for (const uuid of listUuids(request.dataDirectory, [directory])) {
    try {
      using pod = openPod(request.dataDirectory, uuid, 'exclusive');
      if (pod?.lock !== undefined && pod.directory === directory) action(pod);
    } catch (error) {
      request.onStep({ kind: 'failed', uuid, error });
    }
  }
}

function mark(
  pod: Pod,
  to: PodDirectory,
  kind: 'to exited-garbage' | 'failed prepare' | 'expired prepared',
  { dataDirectory, onStep }: GcRequest,
): void {
  onStep({ kind, uuid: pod.uuid });
  movePod(dataDirectory, pod, to);
}

function destroy(pod: Pod, request: GcRequest): void {
  request.onStep({ kind: 'removing', uuid: pod.uuid });
  destroyPod(pod, request);
}

/** Milliseconds since the pod came to its directory: a rename sets the ctime of what is renamed. */
function ageOf(pod: Pod): number {
  return Date.now() - fstatSync(pod.lock?.fd ?? -1).ctimeMs;
}
