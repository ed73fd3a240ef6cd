import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { podPath } from './pod/directory.ts';
import { movePod } from './pod/move.ts';
import { openImageRoot } from './prepare/image-root.ts';
import type { PreparedPod } from './prepare/prepare.ts';
import { discardPod } from './remove.ts';
import { becomeStage1 } from './run/become-stage1.ts';
import { type CompiledRun, compileRun } from './run/compile.ts';
import { hostView } from './run/host-view.ts';
import type { PreparedApp } from './run/prepared-app.ts';
import type { RunRequest } from './run/request.ts';
import { writeDocuments } from './run/write-documents.ts';
import { recordRuns } from './trust/rollback.ts';
import { readPrivateUsers } from './user-namespace/private-users-file.ts';

export interface RunContext {
  readonly dataDirectory: string;
  /** The executable to become, see executableOf(). */
  readonly stage1: string;
  /** Leave the pod as it is when it cannot be run: it was made before. */
  readonly keepOnFailure: boolean;
  readonly onWarning: (warning: string) => void;
}

/** Runs a prepared pod whose lock is ours: this process becomes its stage1. Returns only by throwing. */
export async function runPod(
  prepared: PreparedPod,
  request: RunRequest,
  context: RunContext,
): Promise<never> {
  const { dataDirectory, stage1, keepOnFailure } = context;
  const { pod } = prepared;
  const path = podPath(dataDirectory, 'run', pod.uuid);
  try {
    await makeReady(prepared, request, context);
    recordRuns(dataDirectory, [...prepared.images, ...imageOfStage1(prepared)]);
  } catch (error) {
    if (!keepOnFailure) discardPod(pod, dataDirectory);
    throw error;
  }
  const { lock } = movePod(dataDirectory, pod, 'run');
  if (lock === undefined) throw new TypeError('the pod is run without its lock');
  becomeStage1(stage1, { uuid: pod.uuid, path, lockFd: lock.fd, flavor: request.flavor });
}

function imageOfStage1({ stage1 }: PreparedPod) {
  return stage1?.kind === 'image' ? [stage1] : [];
}

/** Writes what stage1 reads, and makes what it mounts. */
async function makeReady(
  prepared: PreparedPod,
  request: RunRequest,
  { dataDirectory, stage1, onWarning }: RunContext,
): Promise<void> {
  const { pod } = prepared;
  const registered = request.registers ? await register(prepared, request, dataDirectory) : request;
  const compiled = compilePod(prepared, registered, podPath(dataDirectory, 'run', pod.uuid));
  for (const warning of compiled.warnings) onWarning(warning);
  writeDocuments(pod.files, compiled, stage1);
  await makeVolumes(compiled.volumeDirectories, prepared);
}

async function register(
  { pod, manifest, images }: PreparedPod,
  request: RunRequest,
  dataDirectory: string,
): Promise<RunRequest> {
  const { registerPod } = await import('./metadata/client.ts');
  return { ...request, metadata: await registerPod(dataDirectory, { uuid: pod.uuid, manifest, images }) };
}

/** What makes them is loaded only where there are some. */
async function makeVolumes(
  directories: CompiledRun['volumeDirectories'],
  { pod, images }: PreparedPod,
): Promise<void> {
  if (directories.length === 0) return;
  const { makeVolumeDirectories } = await import('./volumes/make-directories.ts');
  const lowersOf = (app: string) => images.find(({ name }) => name === app)?.rootfs.lowers ?? [];
  await makeVolumeDirectories(pod.files, directories, lowersOf);
}

function compilePod(prepared: PreparedPod, request: RunRequest, path: string): CompiledRun {
  const { pod, manifest } = prepared;
  const apps = preparedApps(prepared);
  try {
    return compileRun(
      { uuid: pod.uuid, path, manifest, apps, privateUsers: readPrivateUsers(pod.files) },
      request,
      hostView(),
    );
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
    const lowers = existsSync(join(directory, 'upper')) ? image.rootfs.lowers : undefined;
    const files = openImageRoot(lowers ?? [join(directory, 'rootfs')]);
    return [{ app, image: image.manifest, files, lowers }];
  });
}
