import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { walkTree } from '../unit/image/tree-walk.ts';
import { dist, runProgram } from './executable.ts';

/** Images of other programs, and other programs with ours. All of them see the same trees. */
const missing = ['skopeo', 'umoci', 'buildah'].filter((tool) => spawnSync('which', [tool]).status !== 0);
const needsRoot = process.getuid?.() !== 0 && 'needs root';
const skip = needsRoot || (missing.length > 0 && `not installed: ${missing.join(', ')}`);

const top = mkdtempSync(join(tmpdir(), 'tsrkt-peers-'));
after(() => rmSync(top, { recursive: true, force: true }));

const shell = (script: string) =>
  execFileSync('sh', ['-ec', script], {
    cwd: top,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  }).trim();

function tsrkt(...args: readonly string[]): string {
  const all = [`--dir=${join(top, 'data')}`, '--insecure-options=image', ...args];
  const { status, stdout, stderr } = runProgram(join(dist, 'tsrkt'), all, { cwd: top });
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

/** busybox, and what is hard to copy: links, owners, modes, times, devices, attributes; then a layer that takes some of it away. */
const makeImage = `
umoci init --layout image && umoci new --image image:v1
umoci unpack --image image:v1 one >/dev/null 2>&1
cd one/rootfs
mkdir -p bin etc deep/er dir/sub gone 'odd name'
cp /bin/busybox bin; for applet in sh cat ls id env; do ln -s busybox bin/$applet; done
printf 'root:x:0:0::/root:/bin/sh\\nweb:x:101:102::/:/bin/sh\\n' > etc/passwd
echo s > suid; chown 1000:1001 suid; chmod 4755 suid; ln suid again; ln -s /etc/passwd link; mkfifo fifo; mknod null c 1 3
echo 1 > gone/file; echo 1 > dir/sub/file; echo 1 > deep/er/file; chmod 1777 gone; chmod 700 deep; truncate -s 100000 sparse
printf 'v' > attributes; setfattr -n user.test -v 0x00ff80 attributes 2>/dev/null || true
touch -d 2001-02-03T04:05:06 deep/er/file deep/er deep suid
cd ../.. && umoci repack --image image:v1 one 2>/dev/null
umoci unpack --image image:v1 two >/dev/null 2>&1
cd two/rootfs && rm -r gone dir/sub/file && echo 2 > dir/sub/other && ln suid third && echo changed > deep/er/file
cd ../.. && umoci repack --image image:v1 two 2>/dev/null
umoci config --image image:v1 --config.entrypoint /bin/sh --config.entrypoint=-c --config.cmd 'id -u; echo $GREETING; cat /deep/er/file' \
  --config.env GREETING=hello --config.user 0:0
umoci unpack --image image:v1 whole >/dev/null 2>&1
`;

let made = false;
function image(): string {
  if (!made) shell(makeImage);
  made = true;
  return 'oci:image:v1';
}

/** The tree that umoci unpacks, without its root, which umoci gives the time of its coming. */
const wholeTree = async () => (await walkTree(join(top, 'whole/rootfs'))).slice(1);

let count = 0;

/** The tree that tsrkt makes of an image, without its root. */
async function rendered(reference: string): Promise<readonly string[]> {
  const id = tsrkt('fetch', '--full', reference);
  const directory = `render-${count++}`;
  tsrkt('image', 'render', '--rootfs-only', id, directory);
  return (await walkTree(join(top, directory))).slice(1);
}

/** The tree that umoci unpacks of an image that another program has written. */
async function unpacked(source: string): Promise<readonly string[]> {
  const name = `copy-${count++}`;
  shell(
    `skopeo copy -q ${source} oci:${name}:x && umoci unpack --image ${name}:x ${name}-out >/dev/null 2>&1`,
  );
  return (await walkTree(join(top, `${name}-out/rootfs`))).slice(1);
}

const written: Readonly<Record<string, string>> = {
  'a layout of umoci': 'oci:image:v1',
  'an oci-archive of skopeo': 'oci-archive:skopeo.tar:v1',
  'a docker-archive of skopeo': 'docker-archive:docker.tar:app:v1',
  'a layout of skopeo with zstd': 'oci:zstd:v1',
  'a docker-archive of buildah': 'docker-archive:buildah.tar',
};

const makers: Readonly<Record<string, string>> = {
  'oci-archive:skopeo.tar:v1': 'skopeo copy -q oci:image:v1 oci-archive:skopeo.tar:v1',
  'docker-archive:docker.tar:app:v1': 'skopeo copy -q oci:image:v1 docker-archive:docker.tar:app:v1',
  'oci:zstd:v1': 'skopeo copy -q --dest-compress-format zstd oci:image:v1 oci:zstd:v1',
  'docker-archive:buildah.tar': `
    b="buildah --root $PWD/buildah --runroot $PWD/buildah-run --storage-driver vfs"
    id=$($b pull -q oci:image:v1) && $b push -q "$id" docker-archive:$PWD/buildah.tar:app:v1`,
};

for (const [what, reference] of Object.entries(written))
  test(`${what} is unpacked to the tree that umoci unpacks`, { skip }, async () => {
    image();
    shell(makers[reference] ?? 'true');
    assert.deepEqual(await rendered(reference), await wholeTree());
  });

const exported: Readonly<Record<string, readonly [args: readonly string[], reference: string]>> = {
  'a layout': [['image', 'export', '--to=oci', '--tag=x', 'image:v1', 'ours'], 'oci:ours:x'],
  'an archive': [
    ['image', 'export', '--to=oci-archive', '--tag=x', 'image:v1', 'ours.tar'],
    'oci-archive:ours.tar:x',
  ],
  'a copy': [['image', 'copy', 'oci:image:v1', 'oci:copied:x'], 'oci:copied:x'],
  'an appc image as a layout': [['image', 'push', 'example.com/flat', 'oci:flat:x'], 'oci:flat:x'],
};

for (const [what, [args, reference]] of Object.entries(exported))
  test(`${what} that tsrkt wrote is unpacked by others to the same tree`, { skip }, async () => {
    tsrkt('fetch', image());
    if (what.startsWith('an appc')) makeFlat();
    tsrkt(...args);
    assert.deepEqual(await unpacked(reference), await wholeTree());
  });

/** The same image as an ACI of another name. */
function makeFlat(): void {
  tsrkt('image', 'export', '--overwrite', 'image:v1', 'flat.aci');
  shell(`mkdir -p flat-aci && tar -C flat-aci -xpf flat.aci --xattrs --xattrs-include='user.*'
    sed -i 's/"name":"image"/"name":"example.com\\/flat"/' flat-aci/manifest
    tar -C flat-aci --xattrs --xattrs-include='user.*' --format=posix --numeric-owner -cf flat.aci manifest rootfs`);
  tsrkt('fetch', 'flat.aci');
}

test('a layout that tsrkt wrote is pulled by buildah', { skip }, () => {
  tsrkt('image', 'copy', image(), 'oci:for-buildah:x');
  const buildah = `buildah --root ${top}/b2 --runroot ${top}/b2-run --storage-driver vfs`;
  const id = shell(`${buildah} pull -q oci:for-buildah:x`);
  const config = JSON.parse(shell(`${buildah} inspect --type image ${id}`));
  assert.deepEqual(config.OCIv1.config.Env, ['GREETING=hello']);
});

test('an image of umoci runs, its layers laid over each other or merged', { skip }, () => {
  for (const flags of [[], ['--no-overlay']]) {
    const lines = tsrkt('run', '--net=none', ...flags, image()).split('\n');
    assert.deepEqual(lines, ['0', 'hello', 'changed']);
  }
  tsrkt('gc', '--grace-period=0s');
});

test('a bare root file system, as a directory and as docker export writes it, is an image', {
  skip,
}, async () => {
  image();
  shell('tar -C whole/rootfs --xattrs --xattrs-include="user.*" --format=posix -cf export.tar .');
  assert.deepEqual(await rendered('docker-export:export.tar'), await wholeTree());
  assert.deepEqual(await rendered('rootfs:whole/rootfs'), await wholeTree());
});
