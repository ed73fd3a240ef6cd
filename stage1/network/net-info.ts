import { join } from 'node:path';
import { replaceFile } from '../../linux/durable-file.ts';
import type { CniIp, CniResult } from '../../schema/cni/result.ts';
import { formatJson } from '../../schema/format-json.ts';
import { type IpNetwork, ipVersion, splitNetwork } from '../../schema/ip.ts';
import type { CniNetwork, NetInfoEntry } from '../../schema/pod-files.ts';
import { interfaceName } from './plan.ts';

/** A network the pod has joined. */
export interface JoinedNetwork {
  readonly network: CniNetwork;
  readonly result: CniResult;
  /** The executable of the network's first plugin. */
  readonly pluginPath: string;
}

/** Writes `net-info.json`, which tells `list` and `status` what the pod got. */
export function writeNetInfo(podDirectory: string, joined: readonly JoinedNetwork[]): void {
  const entries = joined.map((each, index) => netInfoEntry(each, interfaceName(index)));
  replaceFile(join(podDirectory, 'net-info.json'), formatJson(entries, 2), { sync: false });
}

/** rkt tells one address of a network; an IPv4 one where there is any. `hostIP` is the host's end: the gateway. */
export function netInfoEntry({ network, result, pluginPath }: JoinedNetwork, ifName: string): NetInfoEntry {
  const ips = result.ips.filter((ip) => isInPod(ip, result));
  const first = ips.find(({ address }) => isIpv4(address)) ?? ips[0];
  return {
    netName: network.name,
    ifName,
    ...(first === undefined ? {} : { ip: splitNetwork(first.address).address, mask: netmask(first.address) }),
    ...(first?.gateway === undefined ? {} : { hostIP: first.gateway }),
    ips: ips.map(({ address }) => address),
    ...(network.args ? { args: network.args } : {}),
    pluginPath,
  };
}

/** An address of an interface on the host is not the pod's. */
function isInPod({ interface: index }: CniIp, { interfaces }: CniResult): boolean {
  const owner = index === undefined ? undefined : interfaces[index];
  return owner === undefined || (owner.sandbox ?? '') !== '';
}

/** `255.255.255.0` as rkt writes it; the prefix length of an IPv6 network. */
function netmask(network: IpNetwork): string {
  const { prefix } = splitNetwork(network);
  if (!isIpv4(network)) return String(prefix);
  const octet = (index: number) => 256 - 2 ** (8 - Math.min(8, Math.max(0, prefix - 8 * index)));
  return [0, 1, 2, 3].map(octet).join('.');
}

function isIpv4(network: IpNetwork): boolean {
  return ipVersion(splitNetwork(network).address) === 4;
}
