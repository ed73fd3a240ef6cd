import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './checkout.mjs';
import { mustRun } from './run-command.mjs';

/** Installs the npm packages of package-lock.json, unless node_modules holds exactly them. */
export function ensureNodeModules() {
  const wanted = packagesOf('package-lock.json');
  const installed = packagesOf('node_modules/.package-lock.json');
  if (wanted && installed && isInstalled(wanted, installed)) return;
  console.error('installing npm packages …');
  mustRun('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
}

/** npm writes what it installed to a lock file of the same shape inside node_modules; other platforms' packages lack there. */
function isInstalled(wanted, installed) {
  return Object.entries(wanted).every(([path, { version, optional }]) =>
    installed[path] ? installed[path].version === version : path === '' || optional,
  );
}

function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(join(checkout, lockFile), 'utf8')).packages;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
