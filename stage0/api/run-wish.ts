import type { PodNetwork } from '../../schema/pod-files.ts';
import { checkHostname } from '../etc-files/hostname.ts';
import { planHosts } from '../etc-files/hosts.ts';
import { planResolvConf } from '../etc-files/resolv-conf.ts';
import { chooseNetworks } from '../network/choose-networks.ts';
import { configuredNetworks } from '../network/configured-networks.ts';
import { canUseIpv6 } from '../network/ipv6-of-host.ts';
import { readIpv6State } from '../network/read-ipv6-state.ts';
import { chooseUserNetwork } from '../network/user-network.ts';
import { isOrdinaryUser } from '../rootless/ordinary-user.ts';
import type { RunRequest } from '../run/request.ts';
import { configDirectories, type EngineOptions } from './engine-options.ts';

type Shared =
  | 'flavor'
  | 'interactive'
  | 'journal'
  | 'debug'
  | 'exitOn'
  | 'registers'
  | 'timeOffset'
  | 'hostIpc';

/** How a pod is to be run; what is not said is as with `tsrkt run` without flags. */
export interface RunWish extends Partial<Pick<RunRequest, Shared>> {
  /** As `--net`: names of networks, or `host` or `none` alone. */
  readonly net?: readonly string[];
  /** Name servers; or `host` or `none` alone. */
  readonly dns?: readonly string[];
  readonly dnsSearch?: readonly string[];
  readonly dnsOptions?: readonly string[];
  readonly dnsDomain?: string | undefined;
  /** Lines of /etc/hosts, `IP=NAME`; or `host` alone. */
  readonly hostsEntries?: readonly string[];
  readonly hostname?: string | undefined;
}

/** The wish in the engine's own terms; reads the configuration of networks. */
export function runRequest(wish: RunWish, options: EngineOptions): RunRequest {
  const { net, dns, dnsSearch, dnsOptions, dnsDomain, hostsEntries, hostname, ...said } = {
    ...UNSAID,
    ...wish,
  };
  const insecure = new Set(options.insecure);
  return {
    ...said,
    network: network(net.length === 0 && said.flavor === 'fly' ? ['host'] : net, options),
    resolvConf: planResolvConf({ servers: dns, search: dnsSearch, options: dnsOptions, domain: dnsDomain }),
    hosts: planHosts(hostsEntries),
    hostname: hostname === undefined ? undefined : checkHostname(hostname),
    allCapabilities: insecure.has('capabilities'),
    insecurePaths: insecure.has('paths'),
    insecureSeccomp: insecure.has('seccomp'),
  };
}

const UNSAID = {
  flavor: 'default',
  net: [],
  dns: [],
  dnsSearch: [],
  dnsOptions: [],
  dnsDomain: undefined,
  hostsEntries: [],
  hostname: undefined,
  interactive: false,
  debug: false,
  hostIpc: false,
} as const;

function network(given: readonly string[], options: EngineOptions): PodNetwork {
  if (isOrdinaryUser()) return chooseUserNetwork(given);
  const configured = () => configuredNetworks(configDirectories(options).localConfig);
  return chooseNetworks({ given, configured, ipv6: () => canUseIpv6(readIpv6State()) });
}
