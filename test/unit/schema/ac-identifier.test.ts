import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acIdentifier, parseAcIdentifier, sanitizeAcIdentifier } from '../../../schema/ac-identifier.ts';
import { keeps, refuses, refusesAll } from './check-decoder.ts';

test('acIdentifier takes the good identifiers of the appc spec', () => {
  keeps(acIdentifier, [
    'a',
    'zab_rab_oof',
    'my~database',
    'example.com/database',
    'example.com/~bob/database',
    'sub-domain.example.com/org/product/~alice/release-1.0.0',
    'registry.example.com/foo/bar--baz__qux',
  ]);
});

test('acIdentifier refuses the bad ones, and every path that is not plain', () => {
  refusesAll(acIdentifier, [
    '',
    'BAR',
    'foo#',
    '/app',
    'app/',
    '-app',
    'app.',
    '_app',
    '~app',
    'a//b',
    'a/./b',
    'a/../b',
    'a/b\n',
    'a:b',
    '..',
  ]);
  refuses(acIdentifier, [
    [
      'a/../b',
      'expected an AC identifier (lower-case letters and digits, and between them "-", ".", "_", "~", "/"), got "a/../b"',
    ],
  ]);
});

test('sanitizeAcIdentifier() makes the nearest identifier', () => {
  const names: [string, string][] = [
    ['foo#', 'foo'],
    ['foo.com/BAR', 'foo.com/bar'],
    ['app///', 'app'],
    ['-/.app..', 'app'],
    ['a b', 'a_b'],
    ['a//b/./../c', 'a/b/c'],
    ['sub-domain.example.com/~alice/release-1.0.0', 'sub-domain.example.com/~alice/release-1.0.0'],
  ];
  for (const [from, to] of names) {
    assert.equal(sanitizeAcIdentifier(from), to);
    assert.equal(parseAcIdentifier(to), to);
  }
  assert.throws(() => sanitizeAcIdentifier('.//-'), /no AC identifier can be made of ".\/\/-"/);
});
