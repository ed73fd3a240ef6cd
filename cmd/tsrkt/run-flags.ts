import { oneOf } from '../../schema/decode.ts';
import type { PodNetwork } from '../../schema/pod-files.ts';
import { checkHostname } from '../../stage0/etc-files/hostname.ts';
import { planHosts } from '../../stage0/etc-files/hosts.ts';
import { planResolvConf } from '../../stage0/etc-files/resolv-conf.ts';
import type { Flavor } from '../../stage0/flavor/flavor.ts';
import { chooseNetworks } from '../../stage0/network/choose-networks.ts';
import { configuredNetworks } from '../../stage0/network/configured-networks.ts';
import { canUseIpv6 } from '../../stage0/network/ipv6-of-host.ts';
import { readIpv6State } from '../../stage0/network/read-ipv6-state.ts';
import { chooseUserNetwork } from '../../stage0/network/user-network.ts';
import { isOrdinaryUser } from '../../stage0/rootless/ordinary-user.ts';
import type { RunRequest } from '../../stage0/run/request.ts';
import { type Flags, type FlagValues, UsageError } from '../flag.ts';
import type { Globals } from './globals.ts';
import { integerFlag } from './integer-flag.ts';

/** The flags of `run` and `run-prepared` that say how a pod is run. */
export const RUN_FLAGS = {
  net: {
    kind: 'list',
    value: 'NETWORK,…',
    bare: 'default',
    describe: "the pod's networks: default, default-restricted, those of net.d; or host, none or all alone",
  },
  dns: { kind: 'list', value: 'IP', describe: 'name servers; or host or none alone' },
  'dns-search': { kind: 'list', value: 'DOMAIN', describe: 'search list for host names' },
  'dns-opt': { kind: 'list', value: 'OPTION', describe: 'options of the resolver' },
  'dns-domain': { kind: 'string', value: 'DOMAIN', describe: "the pod's own domain" },
  'hosts-entry': {
    kind: 'list',
    value: 'IP=NAME,…',
    describe: "lines of /etc/hosts; or host for the host's",
  },
  hostname: { kind: 'string', value: 'NAME', describe: "the pod's host name (default tsrkt-UUID)" },
  interactive: { kind: 'boolean', describe: 'give the app a terminal; one image only' },
  journal: {
    kind: 'boolean',
    describe: 'what apps print goes to the systemd journal; it does where standard output does',
  },
  'mds-register': { kind: 'boolean', describe: 'let apps ask the metadata service who they are' },
  ipc: { kind: 'string', value: 'MODE', describe: "auto, private, or parent to share the caller's IPC" },
  'exit-on': {
    kind: 'string',
    value: 'END',
    describe: 'what ends the pod: failure of an app (default), any end of one, or the end of all',
  },
  'time-offset': {
    kind: 'string',
    value: 'SECONDS',
    describe: 'put the clocks since boot forward in the pod, or back',
  },
  stage1: {
    kind: 'string',
    value: 'FLAVOR',
    describe: 'default, or fly: one app that has files of its own and nothing else, for programs of the host',
  },
} as const satisfies Flags;

/** How the flags ask a pod to be run. */
export function runRequest(values: FlagValues<typeof RUN_FLAGS>, globals: Globals): RunRequest {
  const { hostname, interactive } = values;
  const { insecure, debug, localConfig } = globals;
  const flavor = parseFlavor(values.stage1);
  return {
    flavor,
    network: network(values.net.length === 0 && flavor === 'fly' ? ['host'] : values.net, localConfig),
    resolvConf: planResolvConf({
      servers: values.dns,
      search: values['dns-search'],
      options: values['dns-opt'],
      domain: values['dns-domain'],
    }),
    hosts: planHosts(values['hosts-entry']),
    hostname: hostname === undefined ? undefined : checkHostname(hostname),
    interactive,
    journal: values.journal,
    debug,
    exitOn: exitOn(values['exit-on'] ?? 'failure', '--exit-on'),
    timeOffset: timeOffset(values['time-offset']),
    registers: registers(values),
    hostIpc: isHostIpc(values.ipc),
    allCapabilities: insecure.has('capabilities'),
    insecurePaths: insecure.has('paths'),
    insecureSeccomp: insecure.has('seccomp'),
  };
}

const exitOn = oneOf('failure', 'any', 'all');

function registers({ 'mds-register': wanted, net }: FlagValues<typeof RUN_FLAGS>): boolean {
  if (wanted && net.includes('none'))
    throw new UsageError('--mds-register flag does not work with --net=none');
  return wanted;
}

function timeOffset(text: string | undefined): number | undefined {
  return text === undefined ? undefined : integerFlag('time-offset', text, -1_000_000_000, 1_000_000_000);
}

function parseFlavor(name = 'default'): Flavor {
  if (name === 'default' || name === 'fly') return name;
  throw new UsageError(`--stage1: expected default or fly, got ${JSON.stringify(name)}`);
}

function network(given: readonly string[], localConfig: string): PodNetwork {
  if (isOrdinaryUser()) return chooseUserNetwork(given);
  const configured = () => configuredNetworks(localConfig);
  return chooseNetworks({ given, configured, ipv6: () => canUseIpv6(readIpv6State()) });
}

function isHostIpc(mode = 'auto'): boolean {
  if (mode === 'auto' || mode === 'private') return false;
  if (mode === 'parent') return true;
  throw new UsageError(`--ipc: expected auto, private or parent, got ${JSON.stringify(mode)}`);
}
