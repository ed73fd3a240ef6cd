import {
  anything,
  array,
  boolean,
  type Decoder,
  defaulted,
  type Infer,
  matching,
  object,
  optional,
  record,
  refine,
} from '../decode.ts';
import { DecodeError } from '../decode-error.ts';

/** A CNI network configuration list (CNI spec 1.0, section 1): the plugins of one network, run in order. */
export type NetworkConfig = Infer<typeof networkConfigList>;

/** A plugin's configuration: what the protocol knows of it, and everything else as it came, for the plugin. */
export type PluginConfig = Readonly<Record<string, unknown>> & Infer<typeof pluginFields>;

const version = matching(/^\d+\.\d+\.\d+$/, 'a CNI version such as "1.0.0"');

/** It becomes part of file names and of rules on the host. */
const networkName = matching(
  /^[A-Za-z0-9][A-Za-z0-9_.-]*$/,
  'the name of a network (letters, digits, and after the first "_", ".", "-")',
);

/** It is looked up as a file in the directories of plugins. */
const pluginType = matching(/^(?!\.\.?$)[^/\\\0]+$/, 'the file name of a plugin');

const pluginFields = object({
  type: pluginType,
  capabilities: optional(record(boolean)),
  ipam: optional(object({ type: optional(pluginType) })),
});

const pluginConfig: Decoder<PluginConfig> = refine(record(anything), (config, at) => {
  pluginFields(config, at);
  return config as PluginConfig;
});

const plugins = refine(array(pluginConfig), (list, at) => {
  if (list.length === 0) throw new DecodeError(at, 'at least one plugin is needed');
  return list;
});

/** A `.conflist` file. */
const networkConfigList = object({
  cniVersion: defaulted(version, '0.1.0'),
  cniVersions: optional(array(version)),
  name: networkName,
  disableCheck: optional(boolean),
  plugins,
});

const single = object({ cniVersion: defaulted(version, '0.1.0'), name: networkName });

/** A `.conf` file: one plugin, whose configuration also names the network. It becomes a list of one. */
const networkConfigFile: Decoder<NetworkConfig> = (value, at) => {
  const network = single(value, at);
  const { cniVersion: _version, name: _name, ...plugin } = pluginConfig(value, at);
  return { ...network, plugins: [plugin as PluginConfig] };
};

/** A CNI configuration of either form. */
export const networkConfig: Decoder<NetworkConfig> = (value, at) => {
  const isList = typeof value === 'object' && value !== null && Object.hasOwn(value, 'plugins');
  return isList ? networkConfigList(value, at) : networkConfigFile(value, at);
};
