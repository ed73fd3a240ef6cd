import type { NetworkConfig, PluginConfig } from '../../schema/cni/network-config.ts';
import type { CniNetwork, PodNetwork } from '../../schema/pod-files.ts';
import type { PortMapping } from './map-ports.ts';
import { NetworkError } from './network-error.ts';

/** Makes one of the pod's networks forward ports of the host: the first that masquerades, else the last (as rkt does). */
export function forwardPorts(network: PodNetwork, portMappings: readonly PortMapping[]): PodNetwork {
  if (portMappings.length === 0) return network;
  if (network.mode === 'user') return { ...network, ports: portMappings };
  if (network.mode !== 'cni')
    throw new NetworkError(`--port flag does not work with '${network.mode}' networking`);
  const { networks } = network;
  const masquerading = networks.findIndex(({ conf }) => conf.plugins.some(masquerades));
  const chosen = masquerading === -1 ? networks.length - 1 : masquerading;
  return {
    ...network,
    networks: networks.map((each, index) => (index === chosen ? withPorts(each, portMappings) : each)),
  };
}

function withPorts(network: CniNetwork, portMappings: readonly PortMapping[]): CniNetwork {
  return {
    ...network,
    conf: withPortmap(network.conf),
    runtimeConfig: { ...network.runtimeConfig, portMappings },
  };
}

/** A network whose configuration forwards ports in its own way is left to it. */
function withPortmap(conf: NetworkConfig): NetworkConfig {
  if (conf.plugins.some(({ capabilities }) => capabilities?.['portMappings'] === true)) return conf;
  return { ...conf, plugins: [...conf.plugins, PORTMAP] };
}

/** `snat` makes a forwarded port reachable from the host itself by 127.0.0.1, and from the pod by the host's address. */
const PORTMAP: PluginConfig = { type: 'portmap', snat: true, capabilities: { portMappings: true } };

function masquerades(plugin: PluginConfig): boolean {
  return plugin['ipMasq'] === true;
}
