// npm test: installs what is missing, builds, checks, runs every tier, and ends with the line `N passed, N failed`.
// node scripts/test.mjs TIER…: only these tiers, and no check.
import { build } from './build.mjs';
import { ensureDebianPackages } from './debian-packages.mjs';
import { ensureNodeModules } from './node-modules.mjs';
import { runCommand } from './run-command.mjs';
import { ensureTestUser } from './test-user.mjs';
import { runTier, tiers } from './tier.mjs';

const wanted = process.argv.slice(2);
ensureNodeModules();
if (wanted.length === 0) ensureDebianPackages(['run', 'hello', 'test']);
if (wanted.length === 0) ensureTestUser();
if (wanted.length === 0 || wanted.some((tier) => ['cli', 'systemd'].includes(tier))) build();

const checks = wanted.length > 0 ? [] : ['check:types', 'check:style'].map(runCheck);
const results = (wanted.length > 0 ? wanted : Object.keys(tiers)).map(runTier);
process.exitCode = sumUp([...checks, ...results]);

function runCheck(script) {
  const ok = runCommand('npm', ['run', '--silent', script]) === 0;
  console.error(`${ok ? '(pass)' : '(fail)'} npm run ${script}`);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: [] };
}

/** Where it is continuous integration, a skip is a failure, unless its name says what this machine can never have. */
function sumUp(results) {
  const skipped = results.flatMap((result) => result.skipped);
  for (const name of skipped) console.error(`skipped: ${name}`);
  const unexcused = process.env.CI ? skipped.filter((name) => !/\(impossible here: .+\)$/.test(name)) : [];
  if (unexcused.length > 0)
    console.error(`${unexcused.length} skipped tests count as failed: this machine can run them`);
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failed, unexcused.length);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
