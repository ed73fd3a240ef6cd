import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { podPath } from './pod/directory.ts';
import { movePod } from './pod/move.ts';
import { openImageRoot } from './prepare/image-root.ts';
import type { PreparedPod } from './prepare/prepare.ts';
import { discardPod } from './remove.ts';
import { becomeStage1 } from './run/become-stage1.ts';
import { type CompiledRun, compileRun, type PreparedApp } from './run/compile.ts';
import { hostView } from './run/host-view.ts';
import type { RunRequest } from './run/request.ts';
import { writeDocuments } from './run/write-documents.ts';
import { recordRuns } from './trust/rollback.ts';

export interface RunContext {
  readonly dataDirectory: string;
  /** The executable to become, see findStage1(). */
  readonly stage1: string;
  /** Leave the pod as it is when it cannot be run: it was made before. */
  readonly keepOnFailure: boolean;
}

/** Runs a prepared pod whose lock is ours: this process becomes its stage1. Returns only by throwing. */
export function runPod(prepared: PreparedPod, request: RunRequest, context: RunContext): never {
  const { dataDirectory, stage1, keepOnFailure } = context;
  const { pod } = prepared;
  const path = podPath(dataDirectory, 'run', pod.uuid);
  try {
    writeDocuments(pod.files, compilePod(prepared, request, path), stage1);
    recordRuns(dataDirectory, prepared.images);
  } catch (error) {
    if (!keepOnFailure) discardPod(pod, dataDirectory);
    throw error;
  }
  const { lock } = movePod(dataDirectory, pod, 'run');
  if (lock === undefined) throw new TypeError('the pod is run without its lock');
  becomeStage1(stage1, { uuid: pod.uuid, path, lockFd: lock.fd });
}

function compilePod(prepared: PreparedPod, request: RunRequest, path: string): CompiledRun {
  const { pod, manifest } = prepared;
  const apps = preparedApps(prepared);
  try {
    return compileRun({ uuid: pod.uuid, path, manifest, apps }, request, hostView());
  } finally {
    for (const { files } of apps) files[Symbol.dispose]();
  }
}

/** An app without an upper directory was prepared with files of its own. */
function preparedApps({ pod, manifest, images }: PreparedPod): readonly PreparedApp[] {
  return manifest.apps.flatMap((app, index): PreparedApp[] => {
    const image = images[index];
    if (image === undefined) return [];
    const directory = join(pod.files, 'apps', app.name);
    const tree = existsSync(join(directory, 'upper')) ? image.tree : undefined;
    return [{ app, image: image.manifest, files: openImageRoot(tree ?? join(directory, 'rootfs')), tree }];
  });
}
