import assert from 'node:assert/strict';
import { test } from 'node:test';
import { annotations, annotationValue } from '../../../schema/annotation.ts';
import { keeps, refuses } from './check-decoder.ts';

const annotation = (name: string, value: string): object => ({ name, value });

test('annotations are free but for the well-known ones', () => {
  keeps(annotations, [
    [],
    [annotation('coreos.com/acbuild/command-1', 'acbuild copy')],
    [annotation('created', '2014-11-14T17:36:54-08:00'), annotation('homepage', 'https://example.com/x?y')],
  ]);
  refuses(annotations, [
    [[annotation('a', ''), annotation('a', '')], '[1].name: "a" is given twice'],
    [
      [annotation('created', 'yesterday')],
      '[0].value: expected an RFC 3339 date such as "2006-01-02T15:04:05Z", got "yesterday"',
    ],
    [
      [annotation('documentation', 'ftp://example.com')],
      '[0].value: expected an http or https URL, got "ftp://example.com"',
    ],
    [[{ name: 'a', value: 1 }], '[0].value: expected a string, got 1'],
  ]);
});

test('annotationValue() finds an annotation', () => {
  assert.equal(annotationValue(annotations([annotation('authors', 'us')]), 'authors'), 'us');
  assert.equal(annotationValue([], 'authors'), undefined);
});
