import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDigest } from '../../../schema/digest.ts';
import {
  imageId,
  imageIdDigest,
  imageIdOf,
  imageIdPrefix,
  makeImageId,
  shortImageId,
} from '../../../schema/image-id.ts';
import { keeps, refuses, refusesAll } from './check-decoder.ts';

const hex = '0123456789abcdef'.repeat(8);

test('imageId takes a whole SHA-512 or SHA-256 only', () => {
  keeps(imageId, [`sha512-${hex}`, `sha256-${hex.slice(64)}`]);
  refusesAll(imageId, [
    '',
    hex,
    `sha512-${hex.slice(1)}`,
    `sha512-${hex}0`,
    `sha512:${hex}`,
    `sha256-${hex}`,
    `sha512-${hex.slice(64)}`,
    `SHA512-${hex}`,
  ]);
  refuses(imageId, [
    [
      'sha512-ab',
      'expected an image ID (sha512- and 128, or sha256- and 64 lower-case hex digits), got "sha512-ab"',
    ],
  ]);
});

test('imageIdPrefix takes the beginning of an image ID, from two digits on', () => {
  keeps(imageIdPrefix, ['sha512-ab', 'sha512-abc', `sha512-${hex}`, 'sha256-ab']);
  refusesAll(imageIdPrefix, [
    'sha512-',
    'sha512-a',
    'sha512-xy',
    `sha512-${hex}0`,
    `sha256-${hex}`,
    'sha256:ab',
    'sha512-../',
  ]);
});

test('an image ID is made of hex, and shortened as lists show it', () => {
  const id = makeImageId(hex);
  assert.equal(id, imageId(`sha512-${hex}`));
  assert.equal(shortImageId(id), 'sha512-0123456789ab');
});

test('the ID of an OCI image is the digest of its manifest, and the way back', () => {
  const digest = parseDigest(`sha256:${hex.slice(64)}`);
  assert.equal(imageIdOf(digest), `sha256-${hex.slice(64)}`);
  assert.equal(imageIdDigest(imageIdOf(digest)), digest);
});
