// npm test: installs what is missing, builds, checks, runs every tier, and ends with the line `N passed, N failed`.
// node scripts/test.mjs TIER…: only these tiers, and no check.
import { build } from './build.mjs';
import { ensureDebianPackages } from './debian-packages.mjs';
import { ensureNodeModules } from './node-modules.mjs';
import { mustRun } from './run-command.mjs';
import { ensureTestUser } from './test-user.mjs';
import { runTier, tiers } from './tier.mjs';

const wanted = process.argv.slice(2);
const everything = wanted.length === 0;
/** Tiers that run the built programs. */
const needBuild = ['cli', 'systemd'];

const installed = step('npm packages', ensureNodeModules);
const results = installed.failed > 0 ? [] : [...installAndCheck(), ...runTiers()];
process.exitCode = sumUp([installed, ...results]);

function installAndCheck() {
  if (!everything) return [];
  return [
    step('Debian packages', () => ensureDebianPackages(['run', 'hello', 'test'])),
    step('a user for tests', ensureTestUser),
    step('npm run check:types', () => mustRun('npm', ['run', '--silent', 'check:types'])),
    step('npm run check:style', () => mustRun('npm', ['run', '--silent', 'check:style'])),
  ];
}

/** A build that fails is one failure, and what needs it does not run. */
function runTiers() {
  const names = everything ? Object.keys(tiers) : wanted;
  if (!names.some((name) => needBuild.includes(name))) return names.map(runTier);
  const built = step('build', build);
  return [built, ...names.filter((name) => built.failed === 0 || !needBuild.includes(name)).map(runTier)];
}

function step(name, action) {
  try {
    action();
    console.error(`(pass) ${name}`);
    return { passed: 1, failed: 0, skipped: [] };
  } catch (error) {
    console.error(`(fail) ${name}: ${error.message}`);
    return { passed: 0, failed: 1, skipped: [] };
  }
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
