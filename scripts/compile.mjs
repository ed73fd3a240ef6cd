// Run by Bun, started by build.mjs: compiles one program. bun scripts/compile.mjs ENTRY OUTFILE
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { disarm } from './disarm.mjs';

/** Built-in modules that take milliseconds to load (node:crypto and node:net 2.5 each). A pod that starts needs none of them. */
const late = /^node:(crypto|net|child_process|zlib)$/;

const [entry, outfile] = process.argv.slice(2).map((path) => resolve(path));
const directory = mkdtempSync(join(dirname(outfile), '.compile-'));
try {
  const temporary = join(directory, basename(outfile)); // the program's name, which Bun writes into it
  await compile(entry, temporary);
  const executable = readFileSync(temporary);
  disarm(executable);
  writeFileSync(temporary, executable);
  renameSync(temporary, outfile);
} finally {
  rmSync(directory, { recursive: true });
}

/** ESM, because CommonJS output breaks on the import.meta of dependencies. What stands in the current directory is never read. */
async function compile(entry, outfile) {
  const { success, logs } = await Bun.build({
    entrypoints: [entry],
    target: 'bun',
    format: 'esm',
    minify: true,
    bytecode: true,
    define: { 'process.env.NODE_ENV': '"production"' }, // Bun says development, and openpgp then writes to stderr
    splitting: true, // what is imported late is loaded late: halves the time to start
    compile: {
      outfile,
      autoloadBunfig: false,
      autoloadDotenv: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
      // most runs are over before a compiler thread could help; long loops still get compiled, a little later
      jitPolicy: 16,
    },
    plugins: [
      { name: 'closed', setup: closeImports },
      { name: 'late', setup: deferBuiltins },
    ],
  });
  if (!success) throw new AggregateError(logs, `compile ${entry}`);
}

/**
 * Every import is a built-in module or part of the executable. An import that Bun cannot resolve would be left for run time,
 * to be looked up in node_modules/ of the CURRENT DIRECTORY: such a one throws here instead.
 */
function closeImports(build) {
  build.onResolve({ filter: /^[^./]|\.node$/ }, ({ path, importer }) => {
    if (isAddon(path)) return { path, namespace: 'addon' };
    if (!path.endsWith('.node') && (isBuiltin(path) || canResolve(path, importer))) return undefined;
    return { path, namespace: 'absent' };
  });
  build.onLoad({ filter: /.*/, namespace: 'addon' }, ({ path }) => ({
    loader: 'js',
    contents: addonLoader(path),
  }));
  build.onLoad({ filter: /.*/, namespace: 'absent' }, ({ path }) => ({
    loader: 'js',
    contents: absent(path),
  }));
  build.onLoad({ filter: /\/ffi-rs\/index\.js$/ }, ({ path }) => ({
    loader: 'js',
    contents: ffiWithoutPlaces(path),
  }));
}

/** In our own sources these are loaded when one of their functions is first called. Classes of theirs are not to be imported. */
function deferBuiltins(build) {
  build.onResolve({ filter: late }, ({ path, importer }) =>
    importer.includes('/node_modules/') || importer.startsWith('late:')
      ? undefined
      : { path, namespace: 'late' },
  );
  build.onLoad({ filter: /.*/, namespace: 'late' }, async ({ path }) => {
    const names = Object.keys(await import(path)).filter(
      (name) => /^[a-z]\w*$/i.test(name) && name !== 'default',
    );
    const wrappers = names.map((name) => `export const ${name} = (...args) => load().${name}(...args);`);
    const load = `let loaded; const load = () => (loaded ??= process.getBuiltinModule(${JSON.stringify(path)}));`;
    return { loader: 'js', contents: [load, ...wrappers].join('\n') };
  });
}

function isAddon(path) {
  return path.startsWith('@yuuang/ffi-rs-');
}

function canResolve(path, importer) {
  try {
    Bun.resolveSync(path, dirname(importer));
    return true;
  } catch (error) {
    if (error.name === 'ResolveMessage') return false;
    throw error;
  }
}

/**
 * ffi-rs's addon is loaded from beside the executable. Embedded, it would be unpacked to a guessable name in /tmp. The kernel's
 * own link to the executable names the place: argv[0] is whatever the caller says it is.
 */
function addonLoader(path) {
  const file = `${path.replace('@yuuang/ffi-rs-', 'ffi-rs.')}.node`;
  return `
    const { readlinkSync } = require('node:fs');
    const { dirname, join } = require('node:path');
    process.dlopen(module, join(dirname(readlinkSync('/proc/self/exe')), ${JSON.stringify(file)}));`;
}

/** ffi-rs looks for its addon in its own folder first: in the executable that is the build machine's path, anyone's elsewhere. */
function ffiWithoutPlaces(path) {
  const source = readFileSync(path, 'utf8');
  const probing = "const { existsSync, readFileSync } = require('fs')";
  if (!source.startsWith(probing))
    throw new Error(`${path}: does not start as known; look at how it finds its addon`);
  return source.replace(probing, "const existsSync = () => false, { readFileSync } = require('fs')");
}

function absent(path) {
  return `throw Object.assign(new Error(${JSON.stringify(`Cannot find module '${path}'`)}), { code: 'MODULE_NOT_FOUND' });`;
}
