import { join } from 'node:path';
import { execve } from '../../linux/exec.ts';
import { blockSignals } from '../../linux/signal.ts';
import type { Uuid } from '../../schema/uuid.ts';
import { chooseApp } from '../enter/choose-app.ts';
import { openRunningPod } from '../enter/running-app.ts';
import { podPath } from '../pod/directory.ts';
import { readPodManifest } from '../pod/read.ts';
import { readPodFile } from '../pod/read-file.ts';

export interface AttachRequest {
  readonly uuid: Uuid;
  readonly app: string | undefined;
  /** `auto`, `list`, `tty`, or endpoints separated by commas. */
  readonly mode: string;
  /** `ctrl-p,ctrl-q` */
  readonly detachKeys: string;
}

/** This process becomes a stage1 that is attached to an app of a running pod. Returns only by throwing. */
export function attachToPod(dataDirectory: string, { uuid, app, mode, detachKeys }: AttachRequest): never {
  const { name, stage1 } = lookAt(dataDirectory, uuid, app);
  process.chdir(podPath(dataDirectory, 'run', uuid));
  blockSignals();
  const env = { ...process.env, BUN_JSC_useJIT: '0' };
  execve({
    path: stage1,
    argv: ['stage1', 'attach', mode, detachKeys, uuid, name],
    env: Object.entries(env).map(([variable, value]) => `${variable}=${value}`),
  });
}

function lookAt(dataDirectory: string, uuid: Uuid, app: string | undefined) {
  using pod = openRunningPod(dataDirectory, uuid);
  const name = chooseApp(
    (readPodManifest(pod)?.apps ?? []).map((each) => each.name),
    app,
  );
  return { name, stage1: (readPodFile(join(pod.files, 'stage1')) ?? '').trim() };
}
