import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTable } from '../../../cmd/table.ts';
import { formatAge, formatTime } from '../../../cmd/time.ts';
import { parseInsecureOptions } from '../../../cmd/tsrkt/insecure-options.ts';

test('formatTable() aligns columns and leaves no trailing spaces', () => {
  const rows = [
    ['UUID', 'APP', 'STATE'],
    ['1', 'a-long-name', ''],
    ['', 'b', 'x'],
  ];
  assert.equal(formatTable(rows), 'UUID  APP          STATE\n1     a-long-name\n      b            x');
  assert.equal(formatTable([]), '');
});

const ages: readonly [number, string][] = [
  [-5, 'now'],
  [0, 'now'],
  [1, '1 second ago'],
  [59, '59 seconds ago'],
  [60, '1 minute ago'],
  [125, '2 minutes ago'],
  [3600, '1 hour ago'],
  [86_399, '23 hours ago'],
  [86_400, '1 day ago'],
  [8 * 86_400, '1 week ago'],
  [15 * 86_400, '2 weeks ago'],
  [31 * 86_400, '1 month ago'],
  [400 * 86_400, '1 year ago'],
  [800 * 86_400, '2 years ago'],
];

for (const [seconds, words] of ages) {
  test(`formatAge() of ${seconds} s is "${words}"`, () => {
    assert.equal(formatAge(new Date(1e12), new Date(1e12 + seconds * 1000)), words);
  });
}

test('formatTime() writes local time with milliseconds, without trailing zeros', () => {
  const time = new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 120));
  const offset = time.getTimezoneOffset();
  if (offset === 0) assert.equal(formatTime(time), '2026-01-02 03:04:05.12 +0000 UTC');
  assert.match(formatTime(time), /^2026-01-0\d \d\d:\d\d:05\.12 [+-]\d{4} \S+$/);
  assert.match(formatTime(new Date(0)), /^19\d\d-\d\d-\d\d \d\d:\d\d:00 [+-]/);
});

test('parseInsecureOptions() takes lists, groups and repetitions', () => {
  assert.deepEqual([...parseInsecureOptions([])], []);
  assert.deepEqual([...parseInsecureOptions(['none'])], []);
  assert.deepEqual([...parseInsecureOptions(['image,tls', 'paths'])], ['image', 'tls', 'paths']);
  assert.deepEqual([...parseInsecureOptions(['all-run'])], ['capabilities', 'paths', 'seccomp']);
  assert.equal(parseInsecureOptions(['all']).size, 8);
});

for (const name of ['', 'imgae', 'image,', 'constructor', 'all '])
  test(`parseInsecureOptions(${JSON.stringify(name)}) names what it does not know`, () => {
    const unknown = name.split(',').at(-1);
    assert.throws(() => parseInsecureOptions([name]), {
      message: `unknown insecure option ${JSON.stringify(unknown)}`,
      code: 'ERR_USAGE',
    });
  });
