import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acName, sanitizeAcName } from '../../../schema/ac-name.ts';
import { keeps, refuses, refusesAll } from './check-decoder.ts';

test('acName takes lower-case letters, digits and inner dashes', () => {
  keeps(acName, ['a', '0', 'database', 'foo-bar-baz', '80-tcp', 'volume--ssh']);
  refusesAll(acName, [
    '',
    'foo#',
    'example.com',
    'EXAMPLE',
    'a/b',
    'a_b',
    '-app',
    'app-',
    '.',
    '..',
    'a\n',
    'é',
  ]);
  refuses(acName, [
    ['A', 'expected an AC name (lower-case letters and digits, and "-" between them), got "A"'],
  ]);
});

test('sanitizeAcName() makes the nearest name', () => {
  const names: [string, string][] = [
    ['foo#', 'foo'],
    ['EXAMPLE.com', 'example-com'],
    ['example.com/app_1', 'example-com-app-1'],
    ['-/.app.name-test/-/', 'app-name-test'],
    ['a__b', 'a-b'],
    ['sub-domain.example.com/org/product/release-1.0.0', 'sub-domain-example-com-org-product-release-1-0-0'],
  ];
  for (const [from, to] of names) {
    assert.equal(sanitizeAcName(from), to);
    assert.equal(acName(to), to);
  }
});

test('sanitizeAcName() refuses text without letters and digits', () => {
  for (const text of ['', '__', '..', './/-'])
    refuses(
      (value) => sanitizeAcName(String(value)),
      [[text, `no AC name can be made of ${JSON.stringify(text)}: it has no letter or digit`]],
    );
});
