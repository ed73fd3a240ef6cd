import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { landlockAbi } from '../../linux/landlock.ts';
import { abstractSocket } from './landlock-socket.ts';

const skip = landlockAbi() < 6 && 'this kernel’s Landlock has no scopes (Linux 6.12 has)';

test('CVE-2020-15257: the host’s abstract sockets are out of reach, own ones and mounts are not', {
  skip,
}, () => {
  const name = `tsrkt-test-${process.pid}`;
  abstractSocket(name);
  const output = execFileSync(process.execPath, [join(import.meta.dirname, 'landlock-connect.ts'), name]);
  assert.deepEqual(JSON.parse(output.toString()), ['ok', true, 'EPERM', 'ok', 'ok']);
});
