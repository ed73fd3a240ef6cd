import assert from 'node:assert/strict';
import { test } from 'node:test';
import { volume } from '../../../schema/volume.ts';
import { keeps, refuses } from './check-decoder.ts';

test('volume takes volumes of the host, and empty ones with defaults', () => {
  keeps(volume, [
    { name: 'mem', kind: 'tmpfs', mode: '1777', uid: 0, gid: 0, size: '64Mi' },
    { name: 'db', kind: 'host', source: '/srv/db', readOnly: true, recursive: false },
    { name: 'tmp', kind: 'empty', mode: '1777', uid: 7, gid: 8 },
  ]);
  assert.deepEqual(volume({ name: 'tmp', kind: 'empty' }), {
    name: 'tmp',
    kind: 'empty',
    mode: '0755',
    uid: 0,
    gid: 0,
  });
});

test('volume refuses the fields of the other kind', () => {
  refuses(volume, [
    [{ name: 'a', kind: 'nfs' }, 'kind: expected one of "host", "empty", "tmpfs", got "nfs"'],
    [{ name: 'a', kind: 'tmpfs', source: '/' }, 'source: cannot be set for a volume of kind "tmpfs"'],
    [{ name: 'a', kind: 'host' }, 'source: missing'],
    [{ name: 'a', kind: 'host', source: 'srv' }, 'source: expected an absolute path, got "srv"'],
    [{ name: 'a', kind: 'host', source: '/', uid: 0 }, 'uid: cannot be set for a volume of kind "host"'],
    [{ name: 'a', kind: 'host', source: '/', mode: '1' }, 'mode: cannot be set for a volume of kind "host"'],
    [{ name: 'a', kind: 'empty', source: '/' }, 'source: cannot be set for a volume of kind "empty"'],
    [{ name: 'a', kind: 'empty', mode: '0999' }, 'mode: expected a file mode in octal digits, got "0999"'],
    [{ name: 'a', kind: 'empty', uid: -1 }, 'uid: expected an integer from 0 to 4294967295, got -1'],
  ]);
});
