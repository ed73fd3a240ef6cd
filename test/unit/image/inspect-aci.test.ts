import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspectAci } from '../../../image/inspect-aci.ts';
import { entry } from './tar-blocks.ts';
import { writeTestAci } from './test-aci.ts';

test('inspectAci() tells what an image holds without unpacking it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tsrkt-inspect-'));
  try {
    const path = join(directory, 'a.aci');
    const id = await writeTestAci(path, {
      files: [
        entry({ name: 'rootfs/etc/passwd' }, 'web:x:33:33::/:/bin/sh\n'),
        entry({ name: 'rootfs/bin/web', uid: 33, mode: 0o755 }),
        entry({ name: 'rootfs/bin/again', type: '1', linkname: 'rootfs/bin/web' }),
      ],
    });
    const image = await inspectAci(path);
    assert.equal(image.id, id);
    assert.deepEqual([image.passwd, image.group], ['web:x:33:33::/:/bin/sh\n', undefined]);
    assert.deepEqual(image.ownerOf('/bin/web'), { uid: 33, gid: 0 });
    assert.deepEqual(image.ownerOf('//bin/./again'), { uid: 33, gid: 0 });
    assert.equal(image.ownerOf('/bin/none'), undefined);
    assert.deepEqual(readdirSync(directory), ['a.aci']);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
