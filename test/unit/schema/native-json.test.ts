import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseNatively } from '../../../schema/native-json.ts';

const value = (text: string, depth = 64) => parseNatively(text, depth)?.value;

test('plain documents are parsed natively', () => {
  for (const text of [
    '{}',
    '[]',
    'null',
    '"a"',
    '12',
    '-1.5',
    '{"a":{"b":[1,"x:y"]}}',
    '{ "a": 1, "b": "c" }',
  ])
    assert.deepEqual(value(text), JSON.parse(text), text);
});

test('what could mean two things is left to the strict parser', () => {
  const doubtful = [
    '{"a":1,"a":2}', // a key given twice
    '{"a":1,"a" :2,"b":"x\\":y"}', // the same, hidden behind white space and an escaped quote
    '{"a":1,"a":2,"b":"\\":"}',
    '{"x\\":":1,"x\\":":2}',
    '{"__proto__":1,"__proto__":2}',
    '{"\\u0061":1,"a":2}',
    '9007199254740993',
    '18446744073709551615',
    '[1e400]',
    '{"a" : 1}',
    '{"a":1',
    '',
    '\u00a01',
  ];
  for (const text of doubtful) assert.equal(parseNatively(text, 64), undefined, text);
});

test('nesting is bounded as the strict parser bounds it', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  assert.notEqual(parseNatively(nested(64), 64), undefined);
  assert.equal(parseNatively(nested(65), 64), undefined);
  assert.equal(parseNatively(nested(2_000_000), 64), undefined);
});

test('__proto__ becomes a plain member', () => {
  const object = value('{"__proto__":{"isAdmin":true}}') as object;
  assert.deepEqual(Object.keys(object), ['__proto__']);
  assert.equal(Object.getPrototypeOf(object), Object.prototype);
});
