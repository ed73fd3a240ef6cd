import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dist, runProgram, temporaryDirectory, traceProgram } from './executable.ts';

/** `list` takes locks, for which it calls libc through the addon. */
const list = (directory: string) => [`--dir=${join(directory, 'data')}`, 'list'];

test('the addon is loaded from beside the executable and from nowhere else', () => {
  using directory = temporaryDirectory();
  const { status, stderr, calls } = traceProgram(join(dist, 'tsrkt'), list(directory.path), {
    cwd: directory.path,
  });
  assert.equal(status, 0, stderr);
  const addons = calls.flatMap((call) => /"([^"]*\.node)"/.exec(call)?.[1] ?? []);
  assert.deepEqual([...new Set(addons)], [join(dist, `ffi-rs.linux-${process.arch}-gnu.node`)]);
});

test('nothing is unpacked: no file is created outside the data directory', () => {
  using directory = temporaryDirectory();
  const { calls } = traceProgram(join(dist, 'tsrkt'), list(directory.path), { cwd: directory.path });
  const created = calls.filter((call) =>
    /O_CREAT|O_TMPFILE|^\d+ (creat|mkdir|mkdirat|link|rename)/.test(call),
  );
  assert.deepEqual(
    created.filter((call) => !call.includes(`"${directory.path}/data`)),
    [],
  );
});

test('started through a symbolic link, it finds its addon', () => {
  using directory = temporaryDirectory();
  const link = join(directory.path, 'elsewhere');
  symlinkSync(join(dist, 'tsrkt'), link);
  const { status, stderr } = runProgram(link, list(directory.path));
  assert.equal(status, 0, stderr);
});

test('started with a foreign argv[0], it finds its addon', () => {
  using directory = temporaryDirectory();
  const { status, stderr } = runProgram(join(dist, 'tsrkt'), list(directory.path), {
    argv0: '/tmp/x/not-tsrkt',
  });
  assert.equal(status, 0, stderr);
});
