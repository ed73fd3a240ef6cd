import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseManifest } from '../../image/aci.ts';
import { namedRootfs, parseParts } from '../../image/store/rootfs.ts';
import { openStore } from '../../image/store.ts';
import type { RuntimeApp } from '../../schema/pod-manifest.ts';
import type { Uuid } from '../../schema/uuid.ts';
import { openPod, type Pod } from '../pod/open.ts';
import { readPodManifest } from '../pod/read.ts';
import { readPodFile } from '../pod/read-file.ts';
import { readStage1 } from '../stage1/of-pod.ts';
import { readAppTrust } from '../trust/app-trust.ts';
import type { PreparedPod } from './prepare.ts';
import { PrepareError } from './prepare-error.ts';
import type { AppImage } from './write-pod.ts';

/** Takes a prepared pod for running it: its lock is ours then. Throws when it is in another state, or not whole. */
export function takePreparedPod(dataDirectory: string, uuid: Uuid): PreparedPod {
  const pod = openPod(dataDirectory, uuid, 'exclusive');
  if (pod?.directory !== 'prepared' || pod.lock === undefined) {
    pod?.[Symbol.dispose]();
    throw new PrepareError(`pod ${JSON.stringify(uuid)} is not prepared`);
  }
  return load(dataDirectory, pod);
}

function load(dataDirectory: string, pod: Pod): PreparedPod {
  const manifest = readPodManifest(pod);
  if (manifest === undefined) throw new PrepareError(`pod ${JSON.stringify(pod.uuid)} has no manifest`);
  const images = manifest.apps.map((app) => loadImage(dataDirectory, pod, app));
  return { pod, manifest, images, stage1: readStage1(openStore(dataDirectory), pod.files) };
}

function loadImage(dataDirectory: string, pod: Pod, { name, image }: RuntimeApp): AppImage {
  const directory = join(pod.files, 'apps', name);
  const manifest = parseManifest(Buffer.from(readPodFile(join(directory, 'manifest')) ?? ''));
  const store = openStore(dataDirectory);
  const rootfs = namedRootfs(
    store,
    parseParts(readPodFile(join(directory, 'tree')) ?? '', `apps/${name}/tree`),
  );
  if (!rootfs.lowers.every((path) => existsSync(path)))
    throw new PrepareError(`app ${JSON.stringify(name)}: its image's files are gone`);
  return { name, id: image.id, manifest, trust: readAppTrust(directory), rootfs };
}
