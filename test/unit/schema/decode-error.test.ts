import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DecodeError, item, member, show } from '../../../schema/decode-error.ts';

test('DecodeError says the place, then the problem', () => {
  const error = new DecodeError('app.mountPoints[2].path', 'expected an absolute path, got "x"');
  assert.equal(error.message, 'app.mountPoints[2].path: expected an absolute path, got "x"');
  assert.equal(error.code, 'ERR_DECODE');
  assert.equal(new DecodeError('', 'missing').message, 'missing');
});

test('member() and item() write places as JavaScript would, keys from outside quoted', () => {
  assert.equal(member('', 'app'), 'app');
  assert.equal(member(item(member('app', 'exec'), 0), 'x-y'), 'app.exec[0].x-y');
  assert.equal(member('annotations', 'a b'), 'annotations["a b"]');
  assert.equal(member('', 'os.version'), '["os.version"]');
  assert.equal(member('a', '\u001b[31m'), 'a["\\u001b[31m"]');
});

test('show() keeps values from outside on one line, short, and harmless to a terminal', () => {
  const shown: [unknown, string][] = [
    ['x', '"x"'],
    ['a"\n\u0000', '"a\\"\\n\\u0000"'],
    ['\u001b]0;title\u0007', '"\\u001b]0;title\\u0007"'],
    ['\u009b31m\u202etxt', '"\\u009b31m\\u202etxt"'],
    ['\ud800', '"\\ud800"'],
    ['x'.repeat(100), `"${'x'.repeat(59)}…"`],
    [undefined, 'nothing'],
    [null, 'null'],
    [1.5, '1.5'],
    [18446744073709551615n, '18446744073709551615'],
    [[1, 2], 'an array'],
    [{ a: 1 }, 'an object'],
  ];
  for (const [value, text] of shown) assert.equal(show(value), text);
});
