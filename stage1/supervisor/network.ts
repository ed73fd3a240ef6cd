import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../linux/durable-file.ts';
import type { PodNetwork } from '../../schema/pod-files.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import { resolvConf } from '../network/dns.ts';
import { withResolvConf } from '../network/dns-mount.ts';
import { PLUGIN_DIRECTORIES } from '../network/plugin-directories.ts';
import type { HostProgramRunner } from '../network/runner.ts';
import { setUpNetworks } from '../network/set-up.ts';
import { type NetworkJob, tearDownNetworks } from '../network/tear-down.ts';
import { endPasta, startPasta } from './pasta.ts';

export interface PodConnection {
  readonly uuid: string;
  readonly directory: string;
  readonly network: PodNetwork;
  /** Where the host's metadata service listens that the pod is registered with. */
  readonly metadataPort?: number | undefined;
  /** The pod's network namespace, open; undefined when it is gone and only the host's side is left. */
  readonly netns: number | undefined;
  readonly run: HostProgramRunner;
}

/** How the networks change an app's config: what they say of name servers. */
export type ConfigChange = (config: RuntimeConfig) => RuntimeConfig;

/** Sets up the networks of a pod whose sandbox runs. */
export function connectPod(connection: PodConnection): ConfigChange {
  const { network, netns, directory, metadataPort } = connection;
  if (network.mode === 'user' && netns !== undefined)
    startPasta({ directory, ports: network.ports, metadataPort, netns });
  const job = networkJob(connection);
  if (job === undefined) return unchanged;
  const joined = setUpNetworks(job);
  const content = job.dns ? resolvConf(joined.map(({ result }) => result)) : undefined;
  if (content === undefined) return unchanged;
  const path = join(connection.directory, 'etc/resolv.conf');
  if (!existsSync(path)) replaceFile(path, content, { sync: false }); // for apps that come later
  return (config) => {
    const changed = withResolvConf(config, path);
    if (changed !== config) replaceFile(path, content, { sync: false });
    return changed;
  };
}

const unchanged: ConfigChange = (config) => config;

/** Takes them down. */
export function disconnectPod(connection: PodConnection): void {
  // without a namespace the supervisor is gone, and pasta with it
  if (connection.network.mode === 'user' && connection.netns !== undefined) endPasta(connection.directory);
  const job = networkJob(connection);
  if (job !== undefined) tearDownNetworks(job);
}

/** The namespace is named by our own fd, which lives longer than the pause process. */
function networkJob({ uuid, directory, network, netns, run }: PodConnection) {
  if (network.mode !== 'cni') return undefined;
  const { networks, dns = true } = network;
  const job: NetworkJob = {
    uuid,
    netns: netns === undefined ? '' : `/proc/${process.pid}/fd/${netns}`,
    cniPath: PLUGIN_DIRECTORIES,
    podDirectory: directory,
    run,
    networks,
  };
  return { ...job, dns };
}
