import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ownedPath, problemBeside } from '../../../linux/owned-path.ts';

const me = process.geteuid?.() ?? 0;
const owners = new Set([0, me]);

/** `bin/program` in a directory of ours, which goes in the end. */
function place() {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'tsrkt-owned-')));
  const program = join(path, 'bin/program');
  mkdirSync(join(path, 'bin'), { mode: 0o755 });
  writeFileSync(program, '', { mode: 0o755 });
  return { path, program, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

test('ownedPath() has nothing against a file of ours below a sticky directory', () => {
  using at = place();
  assert.deepEqual(ownedPath(at.program, owners), { path: at.program, problem: undefined });
});

test('ownedPath() follows links to where a file is', () => {
  using at = place();
  symlinkSync('bin', join(at.path, 'link'));
  symlinkSync(join(at.path, 'link/../link/program'), join(at.path, 'far'));
  assert.deepEqual(ownedPath(join(at.path, 'far'), owners), { path: at.program, problem: undefined });
});

test('ownedPath() names what everybody may write to, behind a link too', () => {
  using at = place();
  symlinkSync(at.program, join(at.path, 'link'));
  chmodSync(join(at.path, 'bin'), 0o777);
  const problem = `everybody may write to ${join(at.path, 'bin')}`;
  assert.equal(ownedPath(at.program, owners).problem, problem);
  assert.equal(ownedPath(join(at.path, 'link'), owners).problem, problem);
  chmodSync(join(at.path, 'bin'), 0o755);
  chmodSync(at.program, 0o757);
  assert.equal(ownedPath(at.program, owners).problem, `everybody may write to ${at.program}`);
});

test('ownedPath() names what belongs to somebody else', () => {
  using at = place();
  const others = new Set([me + 1]);
  assert.match(ownedPath(at.program, others).problem ?? '', /^\/.* belongs to user \d+$/);
});

test('ownedPath() gives up on links in a circle, and throws where nothing is', () => {
  using at = place();
  symlinkSync('circle', join(at.path, 'circle'));
  assert.match(ownedPath(join(at.path, 'circle'), owners).problem ?? '', /^too many symbolic links/);
  assert.throws(() => ownedPath(join(at.path, 'none'), owners), { code: 'ENOENT' });
});

test('problemBeside() names an addon beside a program that others may write to, and a place where they may put one', () => {
  using at = place();
  const addon = join(at.path, 'bin/some.node');
  writeFileSync(addon, '', { mode: 0o644 });
  writeFileSync(join(at.path, 'bin/other'), '');
  chmodSync(join(at.path, 'bin/other'), 0o666); // which nothing loads
  assert.equal(problemBeside(at.program, owners), undefined);
  chmodSync(addon, 0o666);
  assert.equal(problemBeside(at.program, owners), `everybody may write to ${addon}`);
  rmSync(addon);
  chmodSync(join(at.path, 'bin'), 0o1777);
  assert.equal(
    problemBeside(at.program, owners),
    `others may put files beside it into ${join(at.path, 'bin')}`,
  );
});
