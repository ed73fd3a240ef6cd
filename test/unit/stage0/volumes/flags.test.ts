import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMntVolumeFlag } from '../../../../stage0/volumes/mnt-volume-flag.ts';
import { parseMountFlag } from '../../../../stage0/volumes/mount-flag.ts';
import { parseVolumeFlag } from '../../../../stage0/volumes/volume-flag.ts';

const goodVolumes: readonly [string, object][] = [
  ['data,kind=host,source=/srv', { name: 'data', kind: 'host', source: '/srv' }],
  [
    'data,source=/srv/a=b,kind=host,readOnly=true,recursive=0',
    { name: 'data', kind: 'host', source: '/srv/a=b', readOnly: true, recursive: false },
  ],
  ['data,kind=empty', { name: 'data', kind: 'empty', mode: '0755', uid: 0, gid: 0 }],
  [
    'data,kind=empty,mode=1777,uid=4,gid=5,readOnly=false',
    { name: 'data', kind: 'empty', mode: '1777', uid: 4, gid: 5, readOnly: false },
  ],
  ['m,kind=tmpfs,size=1Mi', { name: 'm', kind: 'tmpfs', mode: '0755', uid: 0, gid: 0, size: '1Mi' }],
];

for (const [text, volume] of goodVolumes)
  test(`parseVolumeFlag() reads ${text}`, () => assert.deepEqual(parseVolumeFlag(text), volume));

const badVolumes: readonly [string, RegExp][] = [
  ['', /kind: missing/],
  ['Data,kind=empty', /name: /],
  ['data', /kind: /],
  ['data,kind=nfs', /kind: expected one of "host", "empty", "tmpfs"/],
  ['data,kind=host', /source: missing/],
  ['data,kind=host,source=srv', /source: expected an absolute path/],
  ['data,kind=host,source=/srv,uid=0', /uid: cannot be set for a volume of kind "host"/],
  ['data,kind=empty,source=/srv', /source: cannot be set/],
  ['data,kind=empty,mode=rwx', /mode: expected a file mode in octal digits/],
  ['data,kind=empty,uid=root', /uid: expected an integer/],
  ['data,kind=empty,kind=empty', /kind: given twice/],
  ['data,kind=empty,readOnly=yes', /readOnly: expected true or false, got "yes"/],
  ['data,kind=empty,name=other', /name: a volume has no such setting/],
  ['data,kind=empty,readonly=true', /readonly: a volume has no such setting/],
  ['data,kind=empty,', /expected KEY=VALUE, got ""/],
  ['data,kind=tmpfs,size=much', /size: expected a quantity/],
];

for (const [text, message] of badVolumes)
  test(`parseVolumeFlag() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseVolumeFlag(text), { code: 'ERR_VOLUME', message });
  });

test('parseMountFlag() reads the volume and the target, in any order', () => {
  const mount = { volume: 'data', path: '/var/data' };
  assert.deepEqual(parseMountFlag('volume=data,target=/var/data'), mount);
  assert.deepEqual(parseMountFlag('target=/var/data,volume=data'), mount);
});

for (const text of [
  '',
  'volume=data',
  'target=/x',
  'volume=data,target=x',
  'volume=data,target=/x,ro=1',
  'volume=A,target=/',
])
  test(`parseMountFlag() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseMountFlag(text), { code: 'ERR_VOLUME' });
  });

test('parseMntVolumeFlag() reads a volume and its place, in any order', () => {
  assert.deepEqual(parseMntVolumeFlag('target=/d,name=data,kind=host,source=/srv,readOnly=true'), {
    volume: { name: 'data', kind: 'host', source: '/srv', readOnly: true },
    target: '/d',
  });
});

for (const text of [
  '',
  'name=data,kind=empty',
  'kind=empty,target=/d',
  'name=data,kind=empty,target=d',
  'name=data,kind=empty,target=/d,x=1',
])
  test(`parseMntVolumeFlag() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseMntVolumeFlag(text), { code: 'ERR_VOLUME', message: /^--mnt-volume=/ });
  });
