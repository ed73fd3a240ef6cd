import { DecodeError, item, member, show } from './decode-error.ts';

/**
 * Turns a value from outside into a `T` or throws DecodeError naming the place; never changes its argument.
 * Decoders are values named after what they decode; types are derived from them (`Infer`).
 */
export type Decoder<T> = (value: unknown, at?: string) => T;

/** The type a decoder (or an optional field) yields. */
export type Infer<D> = D extends Decoder<infer T> ? T : D extends Field<infer T> ? T : never;

/** A member of an object that may be absent. As in Go's encoding/json, null counts as absent. */
interface Field<T> {
  readonly decoder: Decoder<T>;
}
interface OptionalField<T> extends Field<T> {
  readonly kind: 'optional';
}
interface DefaultedField<T> extends Field<T> {
  readonly kind: 'defaulted';
  readonly otherwise: T;
}
type Fields = Readonly<Record<string, Decoder<unknown> | OptionalField<unknown> | DefaultedField<unknown>>>;
type OptionalKey<F> = { [K in keyof F]: F[K] extends OptionalField<unknown> ? K : never }[keyof F];
type Flat<T> = { readonly [K in keyof T]: T[K] };

/** What an object with these fields decodes to. */
export type ObjectOf<F extends Fields> = Flat<
  { [K in Exclude<keyof F, OptionalKey<F>>]: Infer<F[K]> } & { [K in OptionalKey<F>]?: Infer<F[K]> }
>;

export const string: Decoder<string> = (value, at = '') =>
  typeof value === 'string' ? value : expected('a string', value, at);

export const boolean: Decoder<boolean> = (value, at = '') =>
  typeof value === 'boolean' ? value : expected('true or false', value, at);

/** Anything at all, to be kept as it came or decoded later. */
export const anything: Decoder<unknown> = (value) => value;

/** A string that `pattern` matches; `what` names it in errors ("an absolute path"). */
export function matching<T extends string = string>(pattern: RegExp, what: string): Decoder<T> {
  return (value, at = '') =>
    typeof value === 'string' && pattern.test(value) ? (value as T) : expected(what, value, at);
}

/** A string that `parse` understands (undefined: it does not). */
export function parsed<T>(parse: (text: string) => T | undefined, what: string): Decoder<T> {
  return (value, at = '') =>
    (typeof value === 'string' ? parse(value) : undefined) ?? expected(what, value, at);
}

/** An integer from `min` to `max`, both included; at most ±(2^53 − 1). */
export function integer(
  min: number = Number.MIN_SAFE_INTEGER,
  max: number = Number.MAX_SAFE_INTEGER,
): Decoder<number> {
  return (value, at = '') => {
    if (Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max) return Number(value);
    return expected(integerRange(min, max), value, at);
  };
}

function integerRange(min: number, max: number): string {
  if (min === Number.MIN_SAFE_INTEGER && max === Number.MAX_SAFE_INTEGER) return 'an integer';
  return `an integer ${max === Number.MAX_SAFE_INTEGER ? `≥ ${min}` : `from ${min} to ${max}`}`;
}

/** An integer that may not fit a double: always a bigint. `parseJson` keeps such integers exact. */
export function bigInteger(min: bigint, max: bigint): Decoder<bigint> {
  return (value, at = '') => {
    const exact = typeof value === 'bigint' || Number.isSafeInteger(value);
    const result = exact ? BigInt(value as bigint | number) : undefined;
    if (result !== undefined && result >= min && result <= max) return result;
    return expected(`an integer from ${min} to ${max}`, value, at);
  };
}

/** One of these strings (or numbers), and nothing else. */
export function oneOf<const T extends string | number>(...values: readonly T[]): Decoder<T> {
  const what = values.length === 1 ? show(values[0]) : `one of ${values.map(show).join(', ')}`;
  return (value, at = '') => values.find((known) => known === value) ?? expected(what, value, at);
}

export function array<T>(element: Decoder<T>): Decoder<readonly T[]> {
  return (value, at = '') => {
    if (!Array.isArray(value)) return expected('an array', value, at);
    return value.map((each, index) => element(each, item(at, index)));
  };
}

/** An array in which no two elements have the same `key`; `field` names the key's place inside an element. */
export function uniqueArray<T>(
  element: Decoder<T>,
  key: (element: T) => string,
  field?: string,
): Decoder<readonly T[]> {
  return refine(array(element), (elements, at) => {
    const seen = new Set<string>();
    for (const [index, each] of elements.entries()) {
      const place = item(at, index);
      if (seen.has(key(each)))
        throw new DecodeError(field ? member(place, field) : place, `${show(key(each))} is given twice`);
      seen.add(key(each));
    }
    return elements;
  });
}

/** An object used as a map. A key such as `__proto__` is a plain key of the result. */
export function record<T>(
  value: Decoder<T>,
  key: Decoder<string> = string,
): Decoder<Readonly<Record<string, T>>> {
  return (from, at = '') => {
    const members = Object.entries(asObject(from, at));
    return Object.fromEntries(members.map(([name, each]) => [key(name, at), value(each, member(at, name))]));
  };
}

/** An object with these fields. Others are ignored, or refused by name with `unknown: 'reject'`. */
export function object<F extends Fields>(
  fields: F,
  { unknown = 'ignore' }: { readonly unknown?: 'ignore' | 'reject' } = {},
): Decoder<ObjectOf<F>> {
  const known = Object.entries(fields);
  return (from, at = '') => {
    const source = asObject(from, at);
    if (unknown === 'reject') refuseUnknown(source, fields, at);
    const result: Record<string, unknown> = {};
    for (const [name, field] of known) {
      const value = decodeField(
        field,
        Object.hasOwn(source, name) ? source[name] : undefined,
        member(at, name),
      );
      if (value !== undefined) result[name] = value;
    }
    return result as ObjectOf<F>;
  };
}

function refuseUnknown(source: object, fields: Fields, at: string): void {
  const name = Object.keys(source).find((key) => !Object.hasOwn(fields, key));
  if (name !== undefined) throw new DecodeError(member(at, name), 'unknown field');
}

function decodeField(field: Fields[string], value: unknown, at: string): unknown {
  if (typeof field === 'function') {
    if (value === undefined) throw new DecodeError(at, 'missing');
    return field(value, at);
  }
  if (value !== undefined && value !== null) return field.decoder(value, at);
  return field.kind === 'defaulted' ? field.otherwise : undefined;
}

/** A field that may be absent (or null), and then is absent in the result. */
export function optional<T>(decoder: Decoder<T>): OptionalField<T> {
  return { kind: 'optional', decoder };
}

/** A field that may be absent (or null), and then is `otherwise` in the result. */
export function defaulted<T>(decoder: Decoder<T>, otherwise: NoInfer<T>): DefaultedField<T> {
  return { kind: 'defaulted', decoder, otherwise };
}

export function nullable<T>(decoder: Decoder<T>): Decoder<T | null> {
  return (value, at) => (value === null ? null : decoder(value, at));
}

/** An object whose member `tag` says which of `variants` decodes it. */
export function union<V extends Readonly<Record<string, Decoder<unknown>>>>(
  tag: string,
  variants: V,
): Decoder<Infer<V[keyof V]>> {
  const kind = object({ [tag]: oneOf(...Object.keys(variants)) });
  return (value, at = '') => {
    const decoder = variants[String(kind(value, at)[tag])] as Decoder<Infer<V[keyof V]>>;
    return decoder(value, at);
  };
}

/** `decoder`, then `step`, which gives the final value or throws DecodeError about `at` or a place below it. */
export function refine<T, U>(decoder: Decoder<T>, step: (value: T, at: string) => U): Decoder<U> {
  return (value, at = '') => step(decoder(value, at), at);
}

function asObject(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return expected('an object', value, at);
  return value as Readonly<Record<string, unknown>>;
}

function expected(what: string, got: unknown, at: string): never {
  throw new DecodeError(at, `expected ${what}, got ${show(got)}`);
}
