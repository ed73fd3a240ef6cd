// npm run build: dist/PROGRAM for every program, rebuilt when what it is made of has changed.
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bunPath } from './bun.mjs';
import { checkout } from './checkout.mjs';
import { ensureNodeModules } from './node-modules.mjs';
import { mustRun } from './run-command.mjs';

/** Executables by name, with their entry points. */
export const programs = { tsrkt: 'cmd/tsrkt/main.ts', stage1: 'stage1/main.ts' };

const rooms = ['cmd', 'stage0', 'stage1', 'image', 'trust', 'schema', 'linux'];
const makers = ['package-lock.json', 'scripts/build.mjs', 'scripts/compile.mjs', 'scripts/disarm.mjs'];
const addon = `ffi-rs.linux-${process.arch}-gnu.node`;

/** Builds dist/. Files appear there complete, by rename, so a running test never meets half of one. */
export function build() {
  const dist = join(checkout, 'dist');
  const stamp = stampOfSources();
  if (isBuilt(dist, stamp)) return;
  mkdirSync(dist, { recursive: true });
  replace(join(dist, addon), (file) =>
    copyFileSync(join(checkout, `node_modules/@yuuang/ffi-rs-linux-${process.arch}-gnu`, addon), file),
  );
  for (const [name, entry] of Object.entries(programs)) {
    mustRun(bunPath(), ['scripts/compile.mjs', entry, join(dist, name)]);
  }
  replace(join(dist, '.stamp'), (file) => writeFileSync(file, stamp));
}

function isBuilt(dist, stamp) {
  const stampFile = join(dist, '.stamp');
  const made = [addon, ...Object.keys(programs)].every((name) => existsSync(join(dist, name)));
  return made && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
}

/** Names and bytes of all that goes into the executables: times say nothing after a `git checkout`. */
function stampOfSources() {
  const sources = rooms.flatMap((room) =>
    readdirSync(join(checkout, room), { recursive: true })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(room, name)),
  );
  const hash = createHash('sha256');
  for (const path of [...sources.sort(), ...makers]) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(checkout, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

function replace(file, write) {
  const temporary = `${file}.${process.pid}`;
  write(temporary);
  renameSync(temporary, file);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  ensureNodeModules();
  build();
}
