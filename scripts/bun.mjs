// Finds Bun among the installed packages. `node scripts/bun.mjs ARGS…` runs it.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkout } from './checkout.mjs';

/**
 * The Bun executable of node_modules. npm runs `bun`'s install script, which moves the binary into the package `bun`;
 * where install scripts are off, it is still where the platform package brought it.
 */
export function bunPath() {
  const platform = `bun-linux-${process.arch === 'arm64' ? 'aarch64' : process.arch}`;
  const places = ['bun/bin/bun.exe', `@oven/${platform}/bin/bun`].map((place) =>
    join(checkout, 'node_modules', place),
  );
  const found = places.find(isElf);
  if (!found) throw new Error(`find Bun, looked at ${places.join(' and ')}: none is there; run \`npm ci\``);
  return found;
}

/** Without its install script, bun.exe is a few lines of text that ask for it. */
function isElf(path) {
  try {
    const fd = openSync(path, 'r');
    const magic = Buffer.alloc(4);
    readSync(fd, magic, 0, 4, 0);
    closeSync(fd);
    return magic.equals(Buffer.from('\x7fELF'));
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { status } = spawnSync(bunPath(), process.argv.slice(2), { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
