import type { CniNetwork, PodNetwork } from '../../schema/pod-files.ts';

/** A `--net` that names what there is not. */
export class NetworkError extends Error {
  readonly code = 'ERR_NETWORK';
  readonly hint = 'known are: default, host, none';
}

/** What `--net=NAME[:K=V;K2=V2],…` asks for; the flag may be repeated. Without it a pod is on the default network. */
export function chooseNetwork(given: readonly string[]): PodNetwork {
  const wanted = given.flatMap((list) => list.split(',')).map(parseNetwork);
  const alone = wanted.find(({ name }) => name === 'host' || name === 'none');
  if (alone !== undefined) return chooseAlone(alone, wanted.length);
  const unknown = wanted.filter(({ name }) => name !== 'default').map(({ name }) => JSON.stringify(name));
  if (unknown.length > 0) throw new NetworkError(`networks not found: ${unknown.join(', ')}`);
  if (wanted.length > 1) throw new NetworkError('network "default" is given twice');
  return { mode: 'cni', networks: [defaultNetwork(wanted[0]?.args)] };
}

interface Wanted {
  readonly name: string;
  readonly args: string | undefined;
}

function parseNetwork(text: string): Wanted {
  const colon = text.indexOf(':');
  if (colon === -1) return { name: text, args: undefined };
  return { name: text.slice(0, colon), args: text.slice(colon + 1) };
}

function chooseAlone({ name, args }: Wanted, count: number): PodNetwork {
  if (count > 1) throw new NetworkError(`--net=${name} cannot be combined with other networks`);
  if (args !== undefined) throw new NetworkError(`--net=${name} takes no arguments`);
  return { mode: name === 'host' ? 'host' : 'none' };
}

/** rkt's built-in network: a veth pair to the host, an address of 172.16.28.0/24, outside the host's address. */
function defaultNetwork(args: string | undefined): CniNetwork {
  const ipam = { type: 'host-local', subnet: '172.16.28.0/24', routes: [{ dst: '0.0.0.0/0' }] };
  const conf = { cniVersion: '1.0.0', name: 'default', plugins: [{ type: 'ptp', ipMasq: true, ipam }] };
  return { name: 'default', ...(args === undefined ? {} : { args }), conf };
}
