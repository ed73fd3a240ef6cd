import assert from 'node:assert/strict';
import { closeSync } from 'node:fs';
import { test } from 'node:test';
import { memoryFile, pipe } from '../../../../linux/descriptor.ts';
import { openPidFd, signalProcess } from '../../../../linux/pidfd.ts';
import { waitFor } from '../../../../linux/wait.ts';
import { asleepImage, compileAttendant, POD_ENDED } from '../../../../stage1/attach/asleep.ts';
import { startChild } from '../../../../stage1/program/start-child.ts';

/** Starts an attendant, and looks at its pid, while we have the other ends of its pipes; `readsAlive` is whether also of that one. */
function withAttendant(readsAlive: boolean, use: (pid: number) => void): void {
  const [alive, app, listener] = [pipe(), pipe(), pipe()];
  const attended = { app: 'web', listener: listener.read, executable: listener.read, stdout: app.read };
  const image = memoryFile('attending', asleepImage(attended, []));
  if (!readsAlive) closeSync(alive.read);
  try {
    const stdio = [app.read, app.read, app.read] as const;
    use(startChild(compileAttendant(attended, { stdio, image, alive: alive.write })));
  } finally {
    const open = [alive.write, app.read, app.write, listener.read, listener.write, image];
    for (const fd of readsAlive ? [alive.read, ...open] : open) closeSync(fd);
  }
}

test('an attendant starts, and ends when the pod has', () => {
  withAttendant(true, (pid) => {
    using attendant = openPidFd(pid);
    signalProcess(attendant, POD_ENDED);
    assert.equal(waitFor(pid).signal, POD_ENDED);
  });
});

test('an attendant whose supervisor was dead before it asked to die with it does not start', () => {
  const start = () => withAttendant(false, () => assert.fail('it started'));
  assert.throws(start, { code: 'EPIPE', message: /die with the supervisor/ });
});
