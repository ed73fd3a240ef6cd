import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './checkout.mjs';
import { mustRun, runCommand } from './run-command.mjs';

/**
 * Installs what is missing of the named groups of debian-packages.txt. Only root can; anyone else is told what lacks.
 * @param {readonly string[]} groups
 */
export function ensureDebianPackages(groups) {
  const missing = missingPackages(packagesOf(groups));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    console.error(`missing Debian packages, ask root for: apt-get install ${missing.join(' ')}`);
    return;
  }
  console.error(`installing Debian packages: ${missing.join(' ')} …`);
  const install = ['install', '--yes', '--quiet', '--no-install-recommends', ...missing];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', SYSTEMD_OFFLINE: '1' }; // asks nothing, starts no service
  if (runCommand('apt-get', install, env) === 0) return;
  mustRun('apt-get', ['update', '--quiet'], env);
  mustRun('apt-get', install, env);
}

function packagesOf(groups) {
  const lines = readFileSync(join(checkout, 'scripts/debian-packages.txt'), 'utf8').split('\n');
  const entries = lines.map((line) => line.replace(/#.*/, '').trim().split(/\s+/));
  return entries.filter(([group, name]) => name && groups.includes(group)).map(([, name]) => name);
}

function missingPackages(names) {
  let status = '';
  try {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own notation
    const args = ['-W', '-f', '${db:Status-Status} ${Package}\n', ...names];
    status = execFileSync('dpkg-query', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    if (error.code === 'ENOENT') return []; // not a Debian
    status = error.stdout; // exit status 1: some are unknown, the known ones are listed all the same
  }
  const installed = new Set(status.split('\n').filter((line) => line.startsWith('installed ')));
  return names.filter((name) => !installed.has(`installed ${name}`));
}
