import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseManifest } from '../../image/aci.ts';
import type { LayeredTree } from '../../image/read-tree.ts';
import { namedRootfs, parseParts } from '../../image/store/rootfs.ts';
import { makeTemporary } from '../../image/store/temporary.ts';
import { openStore } from '../../image/store.ts';
import type { ImageManifest } from '../../schema/image-manifest.ts';
import type { Uuid } from '../../schema/uuid.ts';
import { chooseApp } from '../enter/choose-app.ts';
import { openPod, type Pod } from '../pod/open.ts';
import { readPodManifest } from '../pod/read.ts';
import { readPodFile } from '../pod/read-file.ts';
import { hostPlatform } from '../prepare/platform.ts';

/** An app that cannot be made an image of. */
export class ExportError extends Error {
  readonly code = 'ERR_EXPORT';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

export interface ExportRequest {
  readonly uuid: Uuid;
  /** Undefined: the only one. */
  readonly app: string | undefined;
  /** The file to make; for `oci` a directory. */
  readonly out: string;
  readonly format: 'aci' | 'oci' | 'oci-archive';
  readonly overwrite: boolean;
}

/** Makes an image of an app as its pod left it: its image's manifest and files, with what the app changed of them. */
export async function exportApp(dataDirectory: string, request: ExportRequest): Promise<void> {
  checkOutput(request);
  using pod = openExited(dataDirectory, request.uuid);
  const name = chooseApp(
    (readPodManifest(pod)?.apps ?? []).map((app) => app.name),
    request.app,
  );
  const directory = join(pod.files, 'apps', name);
  const manifest = parseManifest(readFileSync(join(directory, 'manifest')));
  const tree = treeOf(dataDirectory, directory, name);
  if (request.format === 'aci') {
    const { writeAci } = await import('../../image/write-aci.ts');
    await writeAci({ manifest, rootfs: tree, out: request.out, compression: 'gzip' });
  } else await exportOci(dataDirectory, manifest, tree, request);
}

function checkOutput({ out, format, overwrite }: ExportRequest): void {
  if (format === 'aci' && !out.endsWith('.aci'))
    throw new ExportError(`extension must be .aci (given ${out})`, '--to=oci-archive writes another format');
  if (!overwrite && format !== 'oci' && existsSync(out))
    throw new ExportError(`output ${format === 'aci' ? 'ACI ' : ''}file exists (try --overwrite)`);
}

/** Locked for reading, so that it stays. */
function openExited(dataDirectory: string, uuid: Uuid): Pod {
  const pod = openPod(dataDirectory, uuid, 'shared');
  if (pod?.lock !== undefined && ['exited', 'exited garbage'].includes(pod.state)) return pod;
  pod?.[Symbol.dispose]();
  throw new ExportError('pod is not exited. Only exited pods can be exported');
}

/** What the app saw as its root: its changes over its image's files, or files of its own. */
function treeOf(dataDirectory: string, directory: string, name: string): string | LayeredTree {
  const upper = join(directory, 'upper');
  if (!existsSync(upper)) return join(directory, 'rootfs');
  const parts = parseParts(readPodFile(join(directory, 'tree')) ?? '', `apps/${name}/tree`);
  const { lowers } = namedRootfs(openStore(dataDirectory), parts);
  if (!lowers.every((path) => existsSync(path)))
    throw new ExportError(`app ${JSON.stringify(name)}: its image's files are gone`);
  return { lowers: [upper, ...lowers], describedBy: upper };
}

async function exportOci(
  dataDirectory: string,
  manifest: ImageManifest,
  tree: string | LayeredTree,
  { out, format, overwrite }: ExportRequest,
): Promise<void> {
  const { writeOci } = await import('./write-oci.ts');
  using temporary = makeTemporary(openStore(dataDirectory), 'export');
  await writeOci(manifest, tree, { out, format, overwrite, temporary: temporary.path, host: hostPlatform() });
}
