import assert from 'node:assert/strict';
import { test } from 'node:test';
import { object, string } from '../../../schema/decode.ts';
import { decodeJson, parseJson } from '../../../schema/json.ts';
import { refuses } from './check-decoder.ts';

const parse = (text: unknown): unknown =>
  parseJson(text as string, { what: 'doc', maxDepth: 4, maxBytes: 100 });

test('parseJson() agrees with JSON.parse on what JSON is', () => {
  const good = [
    '{}',
    ' [ ] ',
    '{"a":[1,-0.5e+3,true,false,null,"\\u0041\\n\\ud83d\\ude00é"]}',
    '"x"',
    '0',
    '-0',
    '1E2',
    '{"":{"":[[]]}}',
    '\t\r\n1',
  ];
  for (const text of good) assert.deepEqual(parse(text), JSON.parse(text));
});

test('parseJson() says line and column', () => {
  const at = (line: number, column: number): string => `doc: not JSON at line ${line}, column ${column}`;
  const string = 'expected a string that ends, without control characters or unknown escapes';
  refuses(parse, [
    ['', `${at(1, 1)}: expected a value, got the end`],
    ['{"a":1,\n "b":x}', `${at(2, 6)}: expected a value, got "x}"`],
    ['[1,]', `${at(1, 4)}: expected a value, got "]"`],
    ['{"a":1,}', `${at(1, 8)}: expected a key, got "}"`],
    ['{a:1}', `${at(1, 2)}: expected a key, got "a:1}"`],
    ['{"a" 1}', `${at(1, 6)}: expected ":", got "1}"`],
    ['[1 2]', `${at(1, 4)}: expected "," or "]", got "2]"`],
    ['1 2', `${at(1, 3)}: expected the end, got "2"`],
    ['01', `${at(1, 2)}: expected the end, got "1"`],
    ['[1', `${at(1, 3)}: expected "," or "]", got the end`],
    ['"a', `${at(1, 1)}: ${string}, got "\\"a"`],
    ['"\\x"', `${at(1, 1)}: ${string}, got "\\"\\\\x\\""`],
    ['"\u0001"', `${at(1, 1)}: ${string}, got "\\"\\u0001\\""`],
    ['"\\', `${at(1, 1)}: ${string}, got "\\"\\\\"`],
    ['nul', `${at(1, 1)}: expected a value, got "nul"`],
    ['NaN', `${at(1, 1)}: expected a value, got "NaN"`],
    ['.5', `${at(1, 1)}: expected a value, got ".5"`],
    ['\ufeff{}', `${at(1, 1)}: expected a value, got "\\ufeff{}"`],
    ['\u00a01', `${at(1, 1)}: expected a value, got "\u00a01"`],
  ]);
});

test('parseJson() refuses a key given twice, however it is written', () => {
  refuses(parse, [
    ['{"a":1,"a":2}', 'doc: not JSON at line 1, column 11: key "a" is given twice'],
    ['{"a":1,"\\u0061":2}', 'doc: not JSON at line 1, column 16: key "a" is given twice'],
    ['[{"__proto__":1,"__proto__":2}]', 'doc: not JSON at line 1, column 28: key "__proto__" is given twice'],
  ]);
  assert.deepEqual(parse('[{"a":1},{"a":1}]'), [{ a: 1 }, { a: 1 }]);
});

test('parseJson() makes __proto__ a plain member', () => {
  const value = parse('{"__proto__":{"isAdmin":true}}') as object;
  assert.deepEqual(Object.keys(value), ['__proto__']);
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
});

test('parseJson() bounds size and depth', () => {
  assert.deepEqual(parse('[[[[]]]]'), [[[[]]]]);
  refuses(parse, [
    ['[[[[[]]]]]', 'doc: not JSON at line 1, column 5: nested deeper than 4 levels'],
    [`"${'x'.repeat(99)}"`, 'doc: larger than 100 bytes'],
  ]);
  const deep = '['.repeat(1_000_000);
  assert.throws(
    () => parseJson(deep, { what: 'doc' }),
    /^DecodeError: doc: not JSON at .*: nested deeper than 64/,
  );
});

test('parseJson() refuses bytes that are not UTF-8', () => {
  assert.equal(parseJson(new TextEncoder().encode('"é"'), { what: 'doc' }), 'é');
  for (const bytes of [
    [0x22, 0xff, 0x22],
    [0x22, 0xc0, 0x80, 0x22],
    [0x22, 0xed, 0xa0, 0x80, 0x22],
    [0x22, 0xc3],
  ])
    refuses(
      (value) => parseJson(value as Uint8Array, { what: 'doc' }),
      [[new Uint8Array(bytes), 'doc: not valid UTF-8']],
    );
});

test('parseJson() keeps integers that a double cannot hold', () => {
  assert.equal(parse('18446744073709551615'), 18446744073709551615n);
  assert.equal(parse('-9223372036854775808'), -9223372036854775808n);
  assert.equal(parse('9007199254740991'), 9007199254740991);
  assert.equal(parse('1e30'), 1e30);
  refuses(parse, [['9'.repeat(50), 'doc: not JSON at line 1, column 51: number too long']]);
});

test('decodeJson() names document and place', () => {
  const decoder = object({ a: object({ b: string }) });
  assert.deepEqual(decodeJson('{"a":{"b":"x"}}', decoder, { what: 'doc' }), { a: { b: 'x' } });
  refuses(
    (value) => decodeJson(value as string, decoder, { what: 'pod manifest' }),
    [
      ['{"a":{"b":1}}', 'pod manifest: a.b: expected a string, got 1'],
      ['[]', 'pod manifest: expected an object, got an array'],
    ],
  );
});
