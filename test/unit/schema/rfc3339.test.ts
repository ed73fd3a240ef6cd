import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rfc3339, rfc3339Time } from '../../../schema/rfc3339.ts';
import { keeps, refuses, refusesAll } from './check-decoder.ts';

test('rfc3339 takes dates as Go writes them', () => {
  keeps(rfc3339, [
    '2014-11-14T17:36:54-08:00',
    '0001-01-01T00:00:00Z',
    '2024-02-29T23:59:59.123456789+14:00',
    '2000-02-29T00:00:00Z',
  ]);
  refusesAll(rfc3339, [
    '',
    '2014-11-14',
    '2014-11-14 17:36:54Z',
    '2014-11-14T17:36:54',
    '2014-11-14t17:36:54z',
    '2014-13-01T00:00:00Z',
    '2014-02-30T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2014-00-01T00:00:00Z',
    '2014-01-00T00:00:00Z',
    '2014-01-01T24:00:00Z',
    '2014-01-01T00:60:00Z',
    '2014-01-01T00:00:00+25:00',
    'Fri Nov 14 17:53:02 PST 2014',
  ]);
  refuses(rfc3339, [['x', 'expected an RFC 3339 date such as "2006-01-02T15:04:05Z", got "x"']]);
});

test('rfc3339Time() gives milliseconds since 1970', () => {
  assert.equal(rfc3339Time(rfc3339('1970-01-01T01:00:00.0015+01:00')), 1);
  assert.equal(rfc3339Time(rfc3339('2014-11-14T17:36:54-08:00')), Date.UTC(2014, 10, 15, 1, 36, 54));
});
