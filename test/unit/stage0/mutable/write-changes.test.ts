import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Runtime } from '../../../../schema/pod-files.ts';
import { withApp } from '../../../../stage0/mutable/write-changes.ts';

const runtime: Runtime = {
  interactive: false,
  debug: false,
  graceMs: 10_000,
  lives: { db: { restart: 'always' } },
  mutable: { overlay: true, imageHosts: true },
};

test('withApp() says what is said of an app, of no other, and forgets what was said of one of that name', () => {
  const web = withApp(runtime, 'web', { life: { restart: 'on-failure' }, stdio: { stdin: 'tty' } });
  assert.deepEqual(web.lives, { db: { restart: 'always' }, web: { restart: 'on-failure' } });
  assert.deepEqual(web.stdio, { web: { stdin: 'tty' } });
  const again = withApp(web, 'web', {});
  assert.deepEqual([again.lives, again.stdio, again.mutable], [runtime.lives, {}, runtime.mutable]);
});
