import assert from 'node:assert/strict';
import { closeSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { pipe } from '../../linux/descriptor.ts';
import { type Ended, reap } from '../../linux/wait.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import { compileSandbox } from '../../stage1/compile/sandbox.ts';
import { spawn } from '../../stage1/program/spawn.ts';

const skip = process.getuid?.() !== 0 && 'needs root';

test('a sandbox ends by itself when its supervisor was killed before it could ask for a signal', {
  skip,
}, async () => {
  const [go, ready] = [pipe(), pipe()];
  const fds = { go: go.read, goWriter: go.write, ready: ready.write, pause: -1 };
  using child = spawn(compileSandbox({ ociVersion: '1.2.0' } as RuntimeConfig, fds), 0, false);
  closeSync(go.write); // all that the child sees of a death in that moment
  let end: Ended | undefined;
  for (let tries = 0; end === undefined && tries < 200; tries++) {
    await setTimeout(10);
    end = reap(child.pid);
  }
  if (end === undefined) process.kill(child.pid, 'SIGKILL');
  assert.equal(end?.exitCode, 127);
  for (const fd of [go.read, ready.read, ready.write]) closeSync(fd);
});
