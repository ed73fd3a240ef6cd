import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  anything,
  array,
  bigInteger,
  boolean,
  defaulted,
  integer,
  matching,
  nullable,
  object,
  oneOf,
  optional,
  parsed,
  record,
  refine,
  string,
  union,
  uniqueArray,
} from '../../../schema/decode.ts';
import { DecodeError } from '../../../schema/decode-error.ts';
import { keeps, refuses } from './check-decoder.ts';

test('string, boolean and anything take what they are called', () => {
  keeps(string, ['', 'x']);
  keeps(boolean, [true, false]);
  keeps(anything, [null, 1, { a: [] }]);
  refuses(string, [
    [1, 'expected a string, got 1'],
    [undefined, 'expected a string, got nothing'],
    [null, 'expected a string, got null'],
  ]);
  refuses(boolean, [['true', 'expected true or false, got "true"']]);
});

test('matching() takes what the pattern matches', () => {
  const decoder = matching(/^\//, 'an absolute path');
  keeps(decoder, ['/', '/x']);
  refuses(decoder, [
    ['x', 'expected an absolute path, got "x"'],
    [5, 'expected an absolute path, got 5'],
  ]);
});

test('parsed() yields what the parser makes of a string', () => {
  const decoder = parsed((text) => (text === '' ? undefined : text.length), 'text');
  assert.equal(decoder('abc'), 3);
  refuses(decoder, [
    ['', 'expected text, got ""'],
    [3, 'expected text, got 3'],
  ]);
});

test('integer() holds its range and knows no fractions, strings or bigints', () => {
  keeps(integer(), [0, -1, 2 ** 53 - 1]);
  keeps(integer(1, 3), [1, 3]);
  refuses(integer(), [
    [1.5, 'expected an integer, got 1.5'],
    ['1', 'expected an integer, got "1"'],
    [2 ** 53, 'expected an integer, got 9007199254740992'],
    [1n, 'expected an integer, got 1'],
    [Number.NaN, 'expected an integer, got NaN'],
  ]);
  refuses(integer(1, 3), [[4, 'expected an integer from 1 to 3, got 4']]);
  refuses(integer(0), [[-1, 'expected an integer ≥ 0, got -1']]);
});

test('bigInteger() takes numbers and bigints, but no number that lost digits', () => {
  const decoder = bigInteger(0n, 2n ** 64n - 1n);
  assert.equal(decoder(5), 5n);
  assert.equal(decoder(18446744073709551615n), 18446744073709551615n);
  const range = 'expected an integer from 0 to 18446744073709551615';
  refuses(decoder, [
    [2 ** 64, `${range}, got 18446744073709552000`],
    [18446744073709551616n, `${range}, got 18446744073709551616`],
    [-1, `${range}, got -1`],
    [1.5, `${range}, got 1.5`],
  ]);
});

test('oneOf() names the choice', () => {
  keeps(oneOf<string | number>('a', 2), ['a', 2]);
  refuses(oneOf<string | number>('a', 2), [['2', 'expected one of "a", 2, got "2"']]);
  refuses(oneOf('a'), [[null, 'expected "a", got null']]);
});

test('array() names the element', () => {
  keeps(array(string), [[], ['a', 'b']]);
  refuses(array(string), [
    [{}, 'expected an array, got an object'],
    [['a', 1], '[1]: expected a string, got 1'],
  ]);
});

test('uniqueArray() names the second of two equal elements', () => {
  const decoder = uniqueArray(object({ name: string }), ({ name }) => name, 'name');
  keeps(decoder, [[{ name: 'a' }, { name: 'b' }]]);
  refuses(decoder, [[[{ name: 'a' }, { name: 'b' }, { name: 'a' }], '[2].name: "a" is given twice']]);
  refuses(
    uniqueArray(string, (text) => text),
    [[['x', 'x'], '[1]: "x" is given twice']],
  );
});

test('record() decodes keys and values; no key changes a prototype', () => {
  keeps(record(integer()), [{}, { a: 1 }]);
  const hostile = record(anything)(JSON.parse('{"__proto__":{"isAdmin":true},"constructor":1}'));
  assert.deepEqual(Object.keys(hostile), ['__proto__', 'constructor']);
  assert.equal(Object.getPrototypeOf(hostile), Object.prototype);
  assert.equal(({} as { isAdmin?: boolean }).isAdmin, undefined);
  refuses(record(integer()), [[{ 'a b': 'x' }, '["a b"]: expected an integer, got "x"']]);
  refuses(record(string, oneOf('a')), [[{ b: 'x' }, 'expected "a", got "b"']]);
});

test('object() ignores unknown fields, or refuses them by name', () => {
  const fields = { a: string, b: optional(integer()), c: defaulted(array(string), []) };
  assert.deepEqual(object(fields)({ c: ['x'], a: 'x', z: 1 }), { a: 'x', c: ['x'] });
  assert.deepEqual(object(fields)({ a: 'x', b: null, c: null }), { a: 'x', c: [] });
  refuses(object(fields), [
    [{}, 'a: missing'],
    [{ a: null }, 'a: expected a string, got null'],
    [{ a: 'x', b: 'y' }, 'b: expected an integer, got "y"'],
    [[], 'expected an object, got an array'],
    [null, 'expected an object, got null'],
  ]);
  refuses(object(fields, { unknown: 'reject' }), [
    [{ a: 'x', z: 1 }, 'z: unknown field'],
    [JSON.parse('{"a":"x","__proto__":1}'), '__proto__: unknown field'],
    [{ a: 'x', toString: 1 }, 'toString: unknown field'],
  ]);
});

test('object() sees own members only', () => {
  refuses(object({ constructor: anything }), [[{}, 'constructor: missing']]);
});

test('object() orders its result as its fields are listed', () => {
  const decoder = object({ a: string, b: string });
  assert.equal(JSON.stringify(decoder({ b: '2', a: '1' })), '{"a":"1","b":"2"}');
});

test('nullable() lets null through', () => {
  keeps(nullable(string), [null, 'x']);
  refuses(nullable(string), [[1, 'expected a string, got 1']]);
});

test('union() lets the tag choose the decoder', () => {
  const decoder = union('kind', {
    host: object({ kind: oneOf('host'), source: string }),
    empty: object({ kind: oneOf('empty') }),
  });
  keeps(decoder, [{ kind: 'empty' }, { kind: 'host', source: '/' }]);
  refuses(decoder, [
    [{}, 'kind: missing'],
    [{ kind: 'toString' }, 'kind: expected one of "host", "empty", got "toString"'],
    [{ kind: 'host' }, 'source: missing'],
  ]);
});

test('refine() hands the place on', () => {
  const decoder = object({
    a: refine(string, (text, at) => {
      if (text === 'bad') throw new DecodeError(at, 'is bad');
      return text.length;
    }),
  });
  assert.deepEqual(decoder({ a: 'good' }), { a: 4 });
  refuses(decoder, [[{ a: 'bad' }, 'a: is bad']]);
});

test('a decoder never changes its argument', () => {
  const given = Object.freeze({ a: Object.freeze(['x']) });
  assert.deepEqual(object({ a: array(string) })(given), given);
});
