import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageId, imageIdPrefix, makeImageId, shortImageId } from '../../../schema/image-id.ts';
import { keeps, refuses, refusesAll } from './check-decoder.ts';

const hex = '0123456789abcdef'.repeat(8);

test('imageId takes the whole SHA-512 only', () => {
  keeps(imageId, [`sha512-${hex}`]);
  refusesAll(imageId, [
    '',
    hex,
    `sha512-${hex.slice(1)}`,
    `sha512-${hex}0`,
    `sha512:${hex}`,
    `SHA512-${hex}`,
  ]);
  refuses(imageId, [
    ['sha512-ab', 'expected an image ID (sha512- and 128 lower-case hex digits), got "sha512-ab"'],
  ]);
});

test('imageIdPrefix takes the beginning of an image ID, from two digits on', () => {
  keeps(imageIdPrefix, ['sha512-ab', 'sha512-abc', `sha512-${hex}`]);
  refusesAll(imageIdPrefix, [
    'sha512-',
    'sha512-a',
    'sha512-xy',
    `sha512-${hex}0`,
    'sha256-ab',
    'sha512-../',
  ]);
});

test('an image ID is made of hex, and shortened as lists show it', () => {
  const id = makeImageId(hex);
  assert.equal(id, imageId(`sha512-${hex}`));
  assert.equal(shortImageId(id), 'sha512-0123456789ab');
});
