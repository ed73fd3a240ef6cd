import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bunPath } from './bun.mjs';
import { checkout } from './checkout.mjs';

/** Tiers of tests, with Bun's flags. Those of `unit` and `image` do not meet each other: they run on all processors. Timeouts are per test, in ms. */
export const tiers = {
  unit: ['--timeout=20000', '--parallel', '--no-isolate'],
  image: ['--timeout=60000', '--parallel', '--no-isolate'],
  pod: ['--timeout=60000'],
  cli: ['--timeout=120000'],
  systemd: ['--timeout=120000'],
};

/**
 * Runs the tests of one tier, output on stderr.
 * @param {keyof typeof tiers} tier
 * @returns {{passed: number, failed: number, skipped: string[]}} skipped: the names of tests that did not run
 */
export function runTier(tier) {
  const folder = join('test', tier);
  if (!hasTests(join(checkout, folder))) return { passed: 0, failed: 0, skipped: [] };
  const report = mkdtempSync(join(tmpdir(), 'tsrkt-test-'));
  try {
    const junit = join(report, 'junit.xml');
    const args = ['test', ...tiers[tier], '--reporter=junit', `--reporter-outfile=${junit}`, `./${folder}/`];
    const { status } = spawnSync(bunPath(), args, { cwd: checkout, stdio: ['ignore', 2, 2] });
    return countResults(existsSync(junit) ? readFileSync(junit, 'utf8') : '', status ?? 1);
  } finally {
    rmSync(report, { recursive: true });
  }
}

function hasTests(folder) {
  return (
    existsSync(folder) && readdirSync(folder, { recursive: true }).some((name) => name.endsWith('.test.ts'))
  );
}

/** Bun's JUnit report in numbers. A run that ended badly without a failed test (a crash, a file that throws) is one failure. */
export function countResults(junit, status) {
  const [, total = '0', failures = '0'] =
    /<testsuites [^>]*tests="(\d+)"[^>]*failures="(\d+)"/.exec(junit) ?? [];
  const skipped = [...junit.matchAll(/<testcase name="([^"]*)"[^>]*>\s*<skipped/g)].map(([, name]) =>
    plainText(name),
  );
  const failed = Number(failures) || (status === 0 ? 0 : 1);
  return { passed: Number(total) - Number(failures) - skipped.length, failed, skipped };
}

function plainText(xml) {
  const entities = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&amp;': '&' };
  return xml.replace(/&(lt|gt|quot|apos|amp);/g, (entity) => entities[entity]);
}
