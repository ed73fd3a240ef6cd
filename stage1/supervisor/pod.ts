import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { acName } from '../../schema/ac-name.ts';
import { array, object } from '../../schema/decode.ts';
import { decodeJson } from '../../schema/json.ts';
import { type PodNetwork, podNetwork, type Runtime, runtime } from '../../schema/pod-files.ts';
import { type RuntimeConfig, runtimeConfig } from '../../schema/runtime-config.ts';

/** What stage0 wrote for us to run: the documents of a pod directory. */
export interface PodDocuments {
  readonly sandbox: RuntimeConfig;
  readonly network: PodNetwork;
  readonly runtime: Runtime;
  /** Runtime-spec configs by app name, in the order of the pod manifest. */
  readonly apps: ReadonlyMap<string, RuntimeConfig>;
}

/** All that we want of the pod manifest. */
const appNames = object({ apps: array(object({ name: acName })) });

/** Reads the documents of the pod in `directory`; a DecodeError names the file and the place in it. */
export function readPod(directory: string): PodDocuments {
  const read = (file: string) => readFileSync(join(directory, file));
  const { apps } = decodeJson(read('pod'), appNames, { what: 'pod' });
  const config = (file: string) => decodeJson(read(file), runtimeConfig, { what: file });
  return {
    sandbox: config('sandbox.json'),
    network: decodeJson(read('network.json'), podNetwork, { what: 'network.json' }),
    runtime: decodeJson(read('runtime.json'), runtime, { what: 'runtime.json' }),
    apps: new Map(apps.map(({ name }) => [name, config(`apps/${name}/config.json`)])),
  };
}
