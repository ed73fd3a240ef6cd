import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digest, digestAlgorithm, digestHex, makeDigest, parseDigest } from '../../../schema/digest.ts';
import { keeps, refuses, refusesAll } from './check-decoder.ts';

const hex = '0123456789abcdef'.repeat(4);

test('digest takes sha256 and sha512 in lower-case hex of the full length', () => {
  keeps(digest, [`sha256:${hex}`, `sha512:${hex}${hex}`]);
});

test('CVE-2024-3727: digest refuses everything that could become a path or a query', () => {
  const bad = [
    '',
    hex,
    'sha256:',
    `sha256:${hex}${hex}`,
    `sha512:${hex}`,
    `sha256:${hex.toUpperCase()}`,
    `sha256:${hex}\n`,
    `sha256:../../${hex.slice(6)}`,
    `sha256:${hex}/../x`,
    `sha1:${hex.slice(0, 40)}`,
    `blake3:${hex}`,
    `sha256-${hex}`,
    ` sha256:${hex}`,
    null,
  ];
  refusesAll(digest, bad);
  refuses(digest, [
    ['x', 'expected a digest (sha256: and 64, or sha512: and 128 lower-case hex digits), got "x"'],
  ]);
});

test('digestAlgorithm() and digestHex() take apart what makeDigest() puts together', () => {
  const made = makeDigest('sha512', hex + hex);
  assert.equal(made, parseDigest(`sha512:${hex}${hex}`));
  assert.equal(digestAlgorithm(made), 'sha512');
  assert.equal(digestHex(made), hex + hex);
  assert.equal(digestAlgorithm(parseDigest(`sha256:${hex}`)), 'sha256');
});
