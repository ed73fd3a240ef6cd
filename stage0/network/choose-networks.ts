import type { NetworkConfig } from '../../schema/cni/network-config.ts';
import type { CniNetwork, PodNetwork } from '../../schema/pod-files.ts';
import { builtInNetworks } from './built-in-networks.ts';
import { NetworkError } from './network-error.ts';
import { parseWantedNetworks, type WantedNetwork } from './wanted-network.ts';

export interface NetworkChoice {
  /** The values of `--net`; none means `default`. */
  readonly given: readonly string[];
  /** Looks for networks configured in `net.d`, in the order of their files; of two with one name the later counts. */
  readonly configured: () => readonly NetworkConfig[];
  /** Looks whether the built-in networks can have IPv6 too. */
  readonly ipv6: () => boolean;
}

/** How a pod is connected; without networks of its own, nothing is looked at. The first network named is its eth0; a configured one goes before the built-in of its name. */
export function chooseNetworks({ given, configured, ipv6 }: NetworkChoice): PodNetwork {
  const wanted = parseWantedNetworks(given.length === 0 ? ['default'] : given);
  const alone = wanted.find(({ name }) => ALONE.has(name));
  if (alone !== undefined && wanted.length > 1)
    throw new NetworkError(`--net=${alone.name} cannot be combined with other networks`);
  if (alone?.args !== undefined) throw new NetworkError(`--net=${alone.name} takes no arguments`);
  if (alone?.name === 'host' || alone?.name === 'none') return { mode: alone.name };
  const own = configured();
  const known = knownNetworks(own, ipv6());
  const named = alone?.name === 'all' ? allOf(own) : wanted;
  return { mode: 'cni', networks: pick(named, known) };
}

const ALONE: ReadonlySet<string> = new Set(['host', 'none', 'all']);

function knownNetworks(configured: readonly NetworkConfig[], ipv6: boolean) {
  return new Map([...builtInNetworks(ipv6), ...configured].map((conf) => [conf.name, conf]));
}

/** rkt's `all`: every configured network, and the default one in any case, last if it is the built-in. */
function allOf(configured: readonly NetworkConfig[]): readonly WantedNetwork[] {
  const names = new Set([...configured.map(({ name }) => name), 'default']);
  return [...names].map((name) => ({ name, args: undefined }));
}

function pick(
  wanted: readonly WantedNetwork[],
  known: ReadonlyMap<string, NetworkConfig>,
): readonly CniNetwork[] {
  const missing = wanted.filter(({ name }) => !known.has(name)).map(({ name }) => name);
  if (missing.length > 0)
    throw new NetworkError(
      `networks not found: ${missing.join(', ')}`,
      `known are: ${[...known.keys(), 'host', 'none'].join(', ')}`,
    );
  return wanted.flatMap(({ name, args }) => {
    const conf = known.get(name);
    return conf === undefined ? [] : [{ name, ...(args === undefined ? {} : { args }), conf }];
  });
}
