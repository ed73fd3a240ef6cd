import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatJson } from '../../../schema/format-json.ts';
import { parseJson } from '../../../schema/json.ts';

const value = { a: [1, 'x\n', null, true, {}, []], 'b c': { d: { e: -1.5 } }, f: undefined };

test('formatJson() writes what JSON.stringify writes', () => {
  for (const indent of [0, 2, 4])
    assert.equal(formatJson(value, indent), JSON.stringify(value, undefined, indent));
  assert.equal(formatJson([undefined]), '[null]');
});

test('formatJson() writes bigints as integers, and parseJson() reads them back', () => {
  const exact = { hard: 18446744073709551615n, soft: -9223372036854775808n, text: '1n' };
  assert.equal(formatJson(exact), '{"hard":18446744073709551615,"soft":-9223372036854775808,"text":"1n"}');
  assert.deepEqual(parseJson(formatJson(exact, 2), { what: 'doc' }), exact);
});
