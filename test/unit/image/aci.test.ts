import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readAci } from '../../../image/aci.ts';
import { pathChunks } from '../../../image/file-chunks.ts';
import { archive, endMark, entry, inChunks } from './tar-blocks.ts';
import { manifestOf } from './test-aci.ts';

const fixture = join(import.meta.dirname, '../../fixtures/hello-0.0.1-linux-amd64.aci');
const manifest = entry({ name: 'manifest' }, manifestOf({}));
const rootfs = entry({ name: 'rootfs', type: '5' });
const file = entry({ name: 'rootfs/f' }, 'x');

test('readAci() gives an image that acbuild made its ID, its manifest and its files', async () => {
  const paths: string[] = [];
  const aci = await readAci(pathChunks(fixture), ({ path }) => void paths.push(path));
  assert.match(aci.id, /^sha512-60f664472010fa07[0-9a-f]{112}$/);
  assert.equal(aci.manifest.name, 'example.com/hello');
  assert.equal(aci.compression, 'gzip');
  assert.deepEqual(paths, ['', 'bin', 'bin/hello']);
});

test('readAci() takes a manifest wherever it stands, and names as tar(1) writes them', async () => {
  for (const parts of [
    [manifest, rootfs, file],
    [rootfs, file, manifest],
    [file, manifest],
    [
      entry({ name: './', type: '5' }),
      entry({ name: './manifest' }, manifestOf({})),
      entry({ name: './rootfs/', type: '5' }),
    ],
  ])
    assert.equal((await read(archive(...parts))).manifest.name, 'example.com/test');
});

test('readAci() counts what follows the end of the archive into the ID', async () => {
  const bytes = archive(manifest, rootfs);
  const longer = Buffer.concat([bytes, endMark]);
  assert.notEqual((await read(bytes)).id, (await read(longer)).id);
});

test('readAci() gives the manifest as it stands in the image', async () => {
  const { manifestBytes } = await read(archive(manifest, rootfs));
  assert.deepEqual(manifestBytes, manifestOf({}));
});

const bad: Readonly<Record<string, readonly [Buffer, RegExp]>> = {
  'without a manifest': [archive(rootfs, file), /ACI: no "manifest"$/],
  'without a rootfs': [archive(manifest), /ACI: no "rootfs"$/],
  'with two manifests': [archive(manifest, rootfs, manifest), /ACI: "manifest" comes twice$/],
  'whose manifest is a directory': [
    archive(entry({ name: 'manifest', type: '5' }), rootfs),
    /"manifest" is not a file/,
  ],
  'whose manifest is a link': [
    archive(entry({ name: 'manifest', type: '2', linkname: '/etc/shadow' }), rootfs),
    /"manifest" is not a file/,
  ],
  'whose manifest is too large': [
    archive(entry({ name: 'manifest' }, Buffer.alloc(4 * 1024 * 1024 + 1, ' ')), rootfs),
    /"manifest" is larger than 4194304 bytes/,
  ],
  'whose manifest is not JSON': [
    archive(entry({ name: 'manifest' }, '{"acKind"'), rootfs),
    /image manifest: not JSON at line 1/,
  ],
  'whose manifest has a wrong member': [
    archive(entry({ name: 'manifest' }, manifestOf({ name: 'No' })), rootfs),
    /image manifest: name: expected an AC identifier/i,
  ],
  'whose rootfs is a file': [archive(manifest, entry({ name: 'rootfs' })), /"rootfs" is not a directory/],
  'whose rootfs is a link': [
    archive(manifest, entry({ name: 'rootfs', type: '2', linkname: '/' })),
    /"rootfs" is not a directory/,
  ],
  'with something else at the top': [
    archive(manifest, rootfs, entry({ name: 'other' })),
    /"other" stands at the top/,
  ],
  'with a name that only begins like rootfs': [
    archive(manifest, entry({ name: 'rootfs2/f' })),
    /"rootfs2\/f" stands at the top/,
  ],
  'with an absolute name': [
    archive(manifest, entry({ name: '/rootfs/f' })),
    /name "\/rootfs\/f" is absolute/,
  ],
  'with ".." in a name': [
    archive(manifest, entry({ name: 'rootfs/../f' })),
    /name "rootfs\/..\/f" contains ".."/,
  ],
  'with a component longer than a file name can be': [
    archive(manifest, entry({ name: '././@LongLink', type: 'L' }, `rootfs/${'x'.repeat(256)}`), entry({})),
    /has a component longer than 255 bytes/,
  ],
  'with a hard link to outside of rootfs': [
    archive(manifest, rootfs, entry({ name: 'rootfs/h', type: '1', linkname: 'manifest' })),
    /"rootfs\/h" is a hard link to something outside of "rootfs"/,
  ],
  'with a hard link to an absolute path': [
    archive(manifest, rootfs, entry({ name: 'rootfs/h', type: '1', linkname: '/etc/shadow' })),
    /name "\/etc\/shadow" is absolute/,
  ],
  'whose top is a symlink': [
    archive(manifest, entry({ name: '.', type: '2', linkname: '/' })),
    /its top is not a directory/,
  ],
};

for (const [what, [bytes, message]] of Object.entries(bad))
  test(`readAci() refuses an image ${what}`, async () => {
    await assert.rejects(read(bytes), (error: NodeJS.ErrnoException) => {
      assert.match(error.message, message);
      return /^ERR_(ACI|DECODE)$/.test(error.code ?? '');
    });
  });

test('readAci() refuses a file cut short, wherever', async () => {
  const whole = readFileSync(fixture);
  for (const length of [0, 1, 5, 17, 1000, whole.length - 1])
    await assert.rejects(read(whole.subarray(0, length)), /ends too early/, `${length} bytes`);
});

function read(bytes: Buffer) {
  return readAci(inChunks(bytes, 10_000), () => {});
}
