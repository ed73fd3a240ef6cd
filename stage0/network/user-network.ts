import type { PodNetwork } from '../../schema/pod-files.ts';
import { NetworkError } from './network-error.ts';
import { parseWantedNetworks } from './wanted-network.ts';

/** How a pod of an ordinary user is connected: networks of the host are root's to make. `given`: the values of `--net`. */
export function chooseUserNetwork(given: readonly string[]): PodNetwork {
  const [wanted, ...others] = parseWantedNetworks(given.length === 0 ? ['default'] : given);
  const name = wanted?.name ?? 'default';
  const isKnown = name === 'default' || name === 'host' || name === 'none';
  if (!isKnown || others.length > 0)
    throw new NetworkError(
      `--net=${given.join(',')}: only root can join pods to networks`,
      'an ordinary user has default, host or none',
    );
  if (wanted?.args !== undefined)
    throw new NetworkError(`--net=${name} takes no arguments of an ordinary user`);
  return name === 'default' ? { mode: 'user', ports: [] } : { mode: name };
}
