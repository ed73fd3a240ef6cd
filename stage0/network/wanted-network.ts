import { NetworkError } from './network-error.ts';

/** One network of `--net`, and the `K=V;K2=V2` for its plugins. */
export interface WantedNetwork {
  readonly name: string;
  readonly args: string | undefined;
}

/** Reads the values of `--net=NAME[:K=V;K2=V2],…`; the flag may be repeated. */
export function parseWantedNetworks(values: readonly string[]): readonly WantedNetwork[] {
  const wanted = values.flatMap((value) => value.split(',')).map(parseWanted);
  const names = wanted.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new NetworkError(`network "${twice}" is given twice`);
  return wanted;
}

function parseWanted(text: string): WantedNetwork {
  const [, name = '', args] = /^([^:]*)(?::(.*))?$/s.exec(text) ?? [];
  if (name === '')
    throw new NetworkError(`--net: expected the name of a network, got ${JSON.stringify(text)}`);
  const wrong = args?.split(';').find((pair) => !/^[^=]+=/.test(pair));
  if (wrong !== undefined)
    throw new NetworkError(`--net=${name}: expected arguments K=V;K2=V2, got ${JSON.stringify(wrong)}`);
  return { name, args };
}
