import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

/** The table of ARCHITECTURE.md: a room and the rooms it may import besides itself. */
const mayImport: Record<string, readonly string[]> = {
  cmd: ['stage0', 'image', 'trust', 'schema', 'linux'],
  stage0: ['image', 'trust', 'schema', 'linux'],
  stage1: ['schema', 'linux'],
  image: ['trust', 'schema', 'linux'],
  trust: ['schema', 'linux'],
  schema: [],
  linux: [],
};

/** Heavy and native packages, each with the one place that may load it. Types cost nothing and may be imported by others. */
const soleImporter: Record<string, string> = {
  'ffi-rs': 'linux/libc.ts',
  openpgp: 'trust/openpgp.ts',
  'tar-stream': 'image/archive.ts',
  yaml: 'trust/registries-d.ts',
  'node-fetch': 'image/http.ts',
  yauzl: 'image/zip.ts',
  yargs: 'cmd/help.ts',
  'yargs-parser': 'cmd/parse-flags.ts',
};

/** Packages that cost milliseconds to load: they are `await import()`ed by who needs them. */
const heavy = ['openpgp', 'node-fetch', 'tar-stream', 'yaml', 'yauzl', 'yargs', 'yargs-parser'];

const root = join(import.meta.dirname, '../..');
const sources = Object.keys(mayImport).flatMap(filesOf).map(sourceFile);

test('every import stays within the table of rooms', () => {
  const strays = sources.flatMap(({ path, imports }) =>
    imports.filter(({ from }) => from.startsWith('.')).flatMap(({ from }) => strayRoom(path, from)),
  );
  assert.deepEqual(strays, []);
});

/** Commands that programs have too: what they do is done by the API, what is their own is words and rows. */
const overTheApi = [
  'app-add',
  'app-rm',
  'app-sandbox',
  'app-start',
  'app-stop',
  'events',
  'fetch',
  'image-verify',
  'list',
  'prepare',
  'rm',
  'run',
  'run-prepared',
  'status',
  'stop',
].map((name) => `cmd/tsrkt/${name}.ts`);

test('what programs can do, commands do through the same API', () => {
  const allowed = /^(stage0\/api\.ts|stage0\/rootless\/become-root\.ts|schema\/.*|cmd\/.*)$/;
  const strays = sources
    .filter(({ path }) => overTheApi.includes(path))
    .flatMap(({ path, imports }) => imports.map(({ from }) => ({ path, to: join(dirname(path), from) })))
    .filter(({ to }) => !allowed.test(to))
    .map(({ path, to }) => `${path} imports ${to}`);
  assert.deepEqual(strays, []);
});

test('every package has one importer', () => {
  const strays = sources.flatMap(({ path, imports }) =>
    imports
      .filter(({ from, type }) => isPackage(from) && !type)
      .filter(({ from }) => !path.startsWith(soleImporter[packageOf(from)] ?? 'no one'))
      .map(({ from }) => `${path} imports ${from}`),
  );
  assert.deepEqual(strays, []);
});

test('heavy packages are imported where they are needed, not at the top', () => {
  const early = sources.flatMap(({ path, imports }) =>
    imports
      .filter(({ from, type, late }) => heavy.includes(packageOf(from)) && !type && !late)
      .map(({ from }) => `${path} imports ${from}`),
  );
  assert.deepEqual(early, []);
});

test('schema is pure: it imports no I/O', () => {
  const impure = [
    'fs',
    'fs/promises',
    'child_process',
    'net',
    'http',
    'https',
    'os',
    'process',
    'worker_threads',
  ];
  const strays = sources
    .filter(({ path }) => path.startsWith('schema/'))
    .flatMap(({ path, imports }) => imports.map(({ from }) => ({ path, from })))
    .filter(({ from }) => impure.includes(from.replace('node:', '')));
  assert.deepEqual(strays, []);
});

test('only spawn programs start processes: stage1 and linux import no child_process', () => {
  const strays = sources.filter(
    ({ path, imports }) =>
      /^(stage1|linux)\//.test(path) && imports.some(({ from }) => from.endsWith('child_process')),
  );
  assert.deepEqual(pathsOf(strays), []);
});

test('sources run on Node, too: built-in modules by their node: name, no Bun', () => {
  const strays = sources.filter(
    ({ text, imports }) =>
      /\bBun\./.test(withoutComments(text)) || imports.some(({ from }) => from.startsWith('bun')),
  );
  assert.deepEqual(pathsOf(strays), []);
});

test('relative imports carry the .ts that Node and Bun need', () => {
  const strays = sources.flatMap(({ path, imports }) =>
    imports
      .filter(({ from }) => /^\./.test(from) && !/\.(ts|json)$/.test(from))
      .map(({ from }) => `${path}: ${from}`),
  );
  assert.deepEqual(strays, []);
});

test('no file is longer than 300 lines', () => {
  const long = [...sources, ...filesOf('test').map(sourceFile)]
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > 300);
  assert.deepEqual(long, []);
});

test('no file is a drawer for everything', () => {
  const drawer = /(^|\/)(utils?|helpers?|common|misc|types|index)(\.ts|\/)/;
  assert.deepEqual(
    pathsOf(sources).filter((path) => drawer.test(path)),
    [],
  );
});

interface Import {
  readonly from: string;
  /** `import type …`: gone at run time. */
  readonly type: boolean;
  /** `import(…)`: loaded when it is reached. */
  readonly late: boolean;
}

function sourceFile(path: string) {
  const text = readFileSync(join(root, path), 'utf8');
  return { path, text, imports: importsOf(text) };
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name));
}

function importsOf(text: string): readonly Import[] {
  const code = withoutComments(text);
  const statements = code.matchAll(/^(?:import|export)\s(?:(type)\s)?(?:[^'";]*?\sfrom\s)?'([^']+)'/gm);
  const calls = code.matchAll(/\b(typeof\s+)?import\(\s*'([^']+)'\s*\)/g);
  return [
    ...[...statements].map(([, type, from]) => ({ from: from!, type: type !== undefined, late: false })),
    ...[...calls].map(([, type, from]) => ({ from: from!, type: type !== undefined, late: true })),
  ];
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

function strayRoom(path: string, from: string): readonly string[] {
  const [room, target] = [path, join(dirname(path), from)].map((each) => each.split('/')[0]!);
  return room === target || mayImport[room!]!.includes(target!) ? [] : [`${path} imports ${from}`];
}

function isPackage(from: string): boolean {
  return !from.startsWith('.') && !from.startsWith('node:');
}

function packageOf(from: string): string {
  return /^(@[^/]+\/)?[^/]+/.exec(from)?.[0] ?? from;
}

function pathsOf(files: readonly { path: string }[]): readonly string[] {
  return files.map(({ path }) => path);
}
