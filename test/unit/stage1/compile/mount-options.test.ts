import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOUNT_ATTR, MS } from '../../../../linux/mount.ts';
import { parseMountOptions } from '../../../../stage1/compile/mount-options.ts';

const { MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV } = MOUNT_ATTR;

test('attributes are set, and cleared by their opposites; the last one wins', () => {
  const options = parseMountOptions(['nosuid', 'ro', 'rw', 'dev']);
  assert.equal(options.set, MOUNT_ATTR_NOSUID);
  assert.equal(options.clear, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV);
});

test('recursive attributes are apart from the mount’s own', () => {
  const options = parseMountOptions(['rro', 'nosuid']);
  assert.equal(options.recursiveSet, MOUNT_ATTR_RDONLY);
  assert.equal(options.set, MOUNT_ATTR_NOSUID);
});

test('bind and rbind, private and rslave', () => {
  assert.deepEqual(pick(['rbind', 'rslave']), { bind: true, recursive: true, propagation: MS.MS_SLAVE });
  assert.deepEqual(pick(['bind', 'private']), { bind: true, recursive: false, propagation: MS.MS_PRIVATE });
});

test('everything else is the file system’s, in order', () => {
  assert.deepEqual(parseMountOptions(['mode=755', 'defaults', 'newinstance']).data, [
    'mode=755',
    'newinstance',
  ]);
});

test('relatime and its like are not taken for recursive options', () => {
  const { recursiveSet, recursiveClear, set } = parseMountOptions(['relatime', 'ro', 'rw']);
  assert.deepEqual([recursiveSet, recursiveClear, set], [0, 0, 0]);
});

function pick(options: readonly string[]) {
  const { bind, recursive, propagation } = parseMountOptions(options);
  return { bind, recursive, propagation };
}
