import type { NetworkConfig, PluginConfig } from '../../schema/cni/network-config.ts';

/** A program of the host that a network cannot do without. */
export interface Requirement {
  readonly network: string;
  readonly kind: 'plugin' | 'tool';
  readonly program: string;
  /** The Debian package that has it; undefined for plugins that no package has. */
  readonly package: string | undefined;
}

/** Everything a network needs on the host: its plugins, those they call for addresses, and iptables for NAT. */
export function requirements(network: NetworkConfig): readonly Requirement[] {
  const { name, plugins } = network;
  const types = plugins.flatMap((plugin) => [plugin.type, ...ipamType(plugin)]);
  const required = [...new Set(types)].map((program) => plugin(name, program));
  return plugins.some(usesIptables) ? [...required, tool(name, 'iptables')] : required;
}

/** Whether a plugin's `ipMasq` puts rules into the host's iptables. */
export function masquerades(plugin: PluginConfig): boolean {
  return plugin['ipMasq'] === true;
}

function plugin(network: string, program: string): Requirement {
  return {
    network,
    kind: 'plugin',
    program,
    package: PACKAGED.has(program) ? 'containernetworking-plugins' : undefined,
  };
}

function tool(network: string, program: string): Requirement {
  return { network, kind: 'tool', program, package: program };
}

function ipamType({ ipam }: PluginConfig): readonly string[] {
  return ipam?.type ? [ipam.type] : [];
}

function usesIptables(plugin: PluginConfig): boolean {
  return masquerades(plugin) || plugin.type === 'portmap' || plugin.type === 'firewall';
}

/** What Debian's containernetworking-plugins 1.1.1 installs in /usr/lib/cni. */
const PACKAGED: ReadonlySet<string> = new Set([
  ...[
    'bandwidth',
    'bridge',
    'dhcp',
    'firewall',
    'host-device',
    'host-local',
    'ipvlan',
    'loopback',
    'macvlan',
  ],
  ...['portmap', 'ptp', 'sbr', 'static', 'tuning', 'vlan', 'vrf'],
]);
