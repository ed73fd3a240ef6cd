import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acVersion, compareSemVer, semVer } from '../../../schema/semver.ts';
import { keeps, refuses, refusesAll } from './check-decoder.ts';

test('semVer takes Semantic Versioning 2.0.0', () => {
  keeps(semVer, ['0.0.0', '0.8.11', '1.2.3-rc.1+build.5', '1.0.0--', '1.0.2-dev', '1.0.0-0a.b-c']);
  refusesAll(semVer, [
    '',
    '1',
    '1.2',
    'v1.2.3',
    '01.2.3',
    '1.2.3-',
    '1.2.3-01',
    '1.2.3+',
    '1.2.3.4',
    '1.2.3\n',
  ]);
});

test('acVersion is not 0.0.0', () => {
  keeps(acVersion, ['0.8.11']);
  refuses(acVersion, [
    ['0.0.0', 'the version cannot be 0.0.0'],
    ['1', 'expected a semantic version such as "0.8.11", got "1"'],
  ]);
});

test('compareSemVer() orders as §11 of the specification does', () => {
  const ordered = [
    '0.9.10',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.2.0',
    '1.10.0',
    '2.0.0',
  ].map((text) => semVer(text));
  assert.deepEqual(ordered.toReversed().toSorted(compareSemVer), ordered);
  assert.equal(compareSemVer(semVer('1.0.0+a'), semVer('1.0.0+b')), 0);
});
