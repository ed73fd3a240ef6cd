import type { PluginConfig } from '../../schema/cni/network-config.ts';
import { formatJson } from '../../schema/format-json.ts';
import type { CniNetwork } from '../../schema/pod-files.ts';
import { HOST_PATH } from './runner.ts';

export type CniCommand = 'ADD' | 'DEL' | 'CHECK';

export interface PlanContext {
  readonly uuid: string;
  /** The path of the pod's network namespace; empty when it is gone (DEL only). */
  readonly netns: string;
  /** Directories of plugins. */
  readonly cniPath: readonly string[];
}

/** One run of one plugin. */
export interface Invocation {
  readonly command: CniCommand;
  /** The name of the network. */
  readonly network: string;
  /** The plugin's `type`, the name of its executable. */
  readonly plugin: string;
  readonly env: Readonly<Record<string, string>>;
  /** The plugin's execution configuration, but for `prevResult`. */
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * The plugins to run, in order: those of each network one after the other, networks as interfaces eth0, eth1 …;
 * everything backwards for DEL (CNI specification 1.0, section 3).
 */
export function planNetworks(
  command: CniCommand,
  networks: readonly CniNetwork[],
  context: PlanContext,
): readonly Invocation[] {
  const invocations = networks.flatMap((network, index) =>
    network.conf.plugins.map((plugin) => ({
      command,
      network: network.name,
      plugin: plugin.type,
      env: environment(command, network, interfaceName(index), context),
      config: executionConfig(network, plugin),
    })),
  );
  return command === 'DEL' ? invocations.reverse() : invocations;
}

/** What the plugin reads from its standard input; `prevResult` is that of the plugin before it, for DEL that of the whole ADD. */
export function pluginInput({ config }: Invocation, prevResult?: unknown): string {
  return formatJson(prevResult === undefined ? config : { ...config, prevResult });
}

/** The name inside the pod of the interface to its network number `index`. */
export function interfaceName(index: number): string {
  return `eth${index}`;
}

function environment(
  command: CniCommand,
  { args = '' }: CniNetwork,
  ifName: string,
  { uuid, netns, cniPath }: PlanContext,
): Invocation['env'] {
  return {
    PATH: HOST_PATH,
    CNI_COMMAND: command,
    CNI_CONTAINERID: uuid,
    CNI_NETNS: netns,
    CNI_IFNAME: ifName,
    CNI_ARGS: tolerantArgs(args),
    CNI_PATH: cniPath.join(':'),
  };
}

/** Each plugin of a list gets all arguments, and refuses those it does not know unless it is told not to. */
function tolerantArgs(args: string): string {
  if (args === '' || /(?:^|;)IgnoreUnknown=/.test(args)) return args;
  return `IgnoreUnknown=1;${args}`;
}

/** The specification's "deriving execution configuration": name and version join in, capabilities become runtimeConfig. */
function executionConfig(
  { conf, name, runtimeConfig = {} }: CniNetwork,
  plugin: PluginConfig,
): Invocation['config'] {
  const { capabilities = {}, ...own } = plugin;
  const granted = Object.entries(runtimeConfig).filter(([name]) => capabilities[name] === true);
  return {
    ...own,
    cniVersion: conf.cniVersion,
    name,
    ...(granted.length > 0 ? { runtimeConfig: Object.fromEntries(granted) } : {}),
  };
}
