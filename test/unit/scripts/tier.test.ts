import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countResults } from '../../../scripts/tier.mjs';

const report = (tests: number, failures: number, cases: string) =>
  `<testsuites name="bun test" tests="${tests}" assertions="0" failures="${failures}" skipped="0" time="1">${cases}</testsuites>`;

test('countResults() counts passed, failed and skipped tests apart', () => {
  const cases =
    '<testcase name="a" time="0" /><testcase name="b"><failure /></testcase>' +
    '<testcase name="c &lt;d&gt;">\n<skipped />\n</testcase><testcase name="e"><skipped message="TODO" /></testcase>';
  assert.deepEqual(countResults(report(4, 1, cases), 1), { passed: 1, failed: 1, skipped: ['c <d>', 'e'] });
});

test('countResults() makes one failure of a run that ended badly without one', () => {
  assert.deepEqual(countResults(report(1, 0, '<testcase name="a" />'), 1), {
    passed: 1,
    failed: 1,
    skipped: [],
  });
});

test('countResults() makes one failure of a run that crashed before it reported', () => {
  assert.deepEqual(countResults('', 139), { passed: 0, failed: 1, skipped: [] });
});
