import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../linux/durable-file.ts';
import { removeTree } from '../../linux/remove-tree.ts';
import type { AcName } from '../../schema/ac-name.ts';
import { formatJson } from '../../schema/format-json.ts';
import type { AppLife, AppStdio, Runtime } from '../../schema/pod-files.ts';
import type { PodManifest } from '../../schema/pod-manifest.ts';
import type { Pod } from '../pod/open.ts';

/** What runtime.json says of one app. */
export interface AppInRuntime {
  readonly life?: AppLife | undefined;
  readonly stdio?: AppStdio | undefined;
}

/** The runtime with what is said of an app, or with nothing of it. */
export function withApp(runtime: Runtime, app: string, { life, stdio }: AppInRuntime): Runtime {
  const { lives = {}, stdio: streams = {}, ...others } = runtime;
  return {
    ...others,
    lives: { ...without(lives, app), ...(life && { [app]: life }) },
    stdio: { ...without(streams, app), ...(stdio && { [app]: stdio }) },
  };
}

function without<T>(of: Readonly<Record<string, T>>, name: string): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(of).filter(([other]) => other !== name));
}

export function writeRuntime({ files }: Pod, runtime: Runtime): void {
  replaceFile(join(files, 'runtime.json'), `${formatJson(runtime, 2)}\n`, { sync: false });
}

/** The pod has the apps that are in its manifest: this is the moment at which one is added, or gone. */
export function commitManifest({ files }: Pod, manifest: PodManifest): void {
  replaceFile(join(files, 'pod'), `${formatJson(manifest, 2)}\n`, { sync: false });
}

/**
 * Removes the directories of apps that are not in the manifest, of one just removed, or what was killed on the way left; and files that were to
 * take the place of others. Only who holds the apps locked makes those.
 */
export function removeLeftovers({ files }: Pod, { apps }: PodManifest): void {
  const known = new Set<string>(apps.map(({ name }) => name));
  for (const name of readdirSync(join(files, 'apps')))
    if (!known.has(name)) removeTree(join(files, 'apps', name));
  for (const [directory, unfinished] of UNFINISHED)
    for (const name of readdirSync(join(files, directory)))
      if (unfinished.test(name)) rmSync(join(files, directory, name), { force: true });
}

/** As replaceFile() names them. The supervisor's own are others. */
const UNFINISHED = [
  ['.', /^(pod|runtime\.json)\.\d+\.new$/],
  ['status', /^[a-z0-9-]+-created\.\d+\.new$/],
] as const;

/** Removes what tells of the life of an app that is not in the manifest: how it ended, and what it printed. */
export function removeTraces({ files }: Pod, app: AcName, { apps }: PodManifest): void {
  const others = new Set<string>(apps.map(({ name }) => name));
  const status = ['', '-created', '-started'].map((suffix) => `${app}${suffix}`);
  for (const name of status) if (!others.has(name)) rmSync(join(files, 'status', name), { force: true });
  for (const name of [app, `${app}.1`]) rmSync(join(files, 'logs', name), { force: true });
}
