import { NAMESPACES } from '../../linux/namespace.ts';
import type { PodNetwork } from '../../schema/pod-files.ts';
import type { HostProgramRunner } from '../network/runner.ts';
import { setUpNetworks } from '../network/set-up.ts';
import { type NetworkJob, tearDownNetworks } from '../network/tear-down.ts';

/** Where CNI plugins are looked for: Debian's place, and the CNI project's. */
const CNI_PATH = ['/usr/lib/cni', '/opt/cni/bin'];

export interface PodConnection {
  readonly uuid: string;
  readonly directory: string;
  readonly network: PodNetwork;
  readonly run: HostProgramRunner;
}

/** Sets up the networks of a pod whose sandbox runs. */
export function connectPod(connection: PodConnection, pause: number): void {
  if (connection.network.mode === 'cni') setUpNetworks(networkJob(connection, netnsPath(pause)));
}

/** Takes them down; without a pause process the network namespace is gone, and the host's side is all there is. */
export function disconnectPod(connection: PodConnection, pause?: number): void {
  if (connection.network.mode === 'cni')
    tearDownNetworks(networkJob(connection, pause === undefined ? '' : netnsPath(pause)));
}

function netnsPath(pause: number): string {
  return `/proc/${pause}/ns/${NAMESPACES.network.file}`;
}

function networkJob({ uuid, directory, network, run }: PodConnection, netns: string): NetworkJob {
  const networks = network.mode === 'cni' ? network.networks : [];
  return { uuid, netns, cniPath: CNI_PATH, podDirectory: directory, run, networks };
}
