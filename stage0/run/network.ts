/** What network.json says: how the pod is connected. `networks` are CNI configuration lists (CNI spec 1.0). */
export type PodNetwork =
  | { readonly mode: 'host' }
  | { readonly mode: 'none' }
  | { readonly mode: 'cni'; readonly networks: readonly NetworkConfigList[] };

export interface NetworkConfigList {
  readonly cniVersion: string;
  readonly name: string;
  readonly plugins: readonly (Readonly<Record<string, unknown>> & { readonly type: string })[];
}

export class NetworkError extends Error {
  readonly code = 'ERR_NETWORK';
  readonly hint = 'known are: default, host, none';
}

/** What `--net=…` asks for; the flag may be repeated, and holds a comma list of names. */
export function chooseNetwork(given: readonly string[]): PodNetwork {
  const names = [...new Set(given.flatMap((list) => list.split(',')))];
  const alone = names.find((name) => name === 'host' || name === 'none');
  if (alone !== undefined) return chooseAlone(alone as 'host' | 'none', names);
  const unknown = names.filter((name) => name !== 'default');
  if (unknown.length > 0) throw new NetworkError(`networks not found: ${unknown.map(quoted).join(', ')}`);
  return { mode: 'cni', networks: [DEFAULT_NETWORK] };
}

function chooseAlone(mode: 'host' | 'none', names: readonly string[]): PodNetwork {
  if (names.length > 1) throw new NetworkError(`--net=${mode} cannot be combined with other networks`);
  return { mode };
}

/** rkt's built-in network: a veth pair to the host, an address of 172.16.28.0/24, and the host's address outside. */
const DEFAULT_NETWORK: NetworkConfigList = {
  cniVersion: '1.0.0',
  name: 'default',
  plugins: [
    {
      type: 'ptp',
      ipMasq: true,
      ipam: { type: 'host-local', subnet: '172.16.28.0/24', routes: [{ dst: '0.0.0.0/0' }] },
    },
  ],
};

function quoted(name: string): string {
  return JSON.stringify(name);
}
