import { type Decoder, parsed } from './decode.ts';

/** A resource quantity as Kubernetes and appc write it: `16Mi`, `50M`, `1G`, `500m`, `0.5`, `1e3`. Never negative. */
export type Quantity = string & { readonly __brand: 'Quantity' };

/** A number is taken as if it were quoted, as appc's Go code does. */
export const quantity: Decoder<Quantity> = (value, at) =>
  text(typeof value === 'number' || typeof value === 'bigint' ? String(value) : value, at);

const text: Decoder<Quantity> = parsed(
  (each) => (nanos(each) === undefined ? undefined : (each as Quantity)),
  'a quantity such as "16Mi", "1G" or "500m"',
);

/** The quantity in whole units (bytes, for memory), rounded up. */
export function quantityUnits(of: Quantity): bigint {
  return divideUp(nanos(of) ?? 0n, 1_000_000_000n);
}

/** The quantity in thousandths (of a CPU, say), rounded up. */
export function quantityMillis(of: Quantity): bigint {
  return divideUp(nanos(of) ?? 0n, 1_000_000n);
}

const binary = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const decimal: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
/** 2^63 − 1, the largest amount any limit can be set to. */
const largest = 0x7fff_ffff_ffff_ffffn;

/** The amount in billionths, rounded up; undefined where `of` is no quantity or too large. */
function nanos(of: string): bigint | undefined {
  const match = /^\+?(\d{1,30})?(?:\.(\d{0,30}))?(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?\d{1,2}))?$/.exec(of);
  if (match === null) return undefined;
  const [, whole = '', fraction = '', binarySuffix, decimalSuffix = '', exponent] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(whole + fraction);
  const power =
    (exponent === undefined ? (decimal[decimalSuffix] ?? 0) : Number(exponent)) + 9 - fraction.length;
  const scaled =
    binarySuffix === undefined ? digits : digits << BigInt(10 * (binary.indexOf(binarySuffix) + 1));
  const result = power >= 0 ? scaled * 10n ** BigInt(power) : divideUp(scaled, 10n ** BigInt(-power));
  return result <= largest * 1_000_000_000n ? result : undefined;
}

function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
