import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { decompress } from '../../image/compression.ts';
import { openHttp } from '../../image/http.ts';
import { copyImage } from '../../image/oci/copy-image.ts';
import { unpackLayer } from '../../image/oci/layer.ts';
import { layoutDestination } from '../../image/oci/layout-destination.ts';
import { openLocalSource } from '../../image/oci/open-source.ts';
import { visibleLayers } from '../../image/oci/overlay-mark.ts';
import type { ImageSource } from '../../image/oci/source.ts';
import { readVerified, verifiedBytes } from '../../image/oci/verified-bytes.ts';
import { parseDockerReference } from '../../image/reference/docker.ts';
import { registryDestination } from '../../image/registry/registry-destination.ts';
import { registrySource } from '../../image/registry/registry-source.ts';
import { openRepository, type RegistryClient } from '../../image/registry/repository.ts';
import { hasCode } from '../../linux/system-error.ts';
import { parseImageConfig } from '../../schema/oci/image-config.ts';
import { layerCompression } from '../../schema/oci/media-type.ts';
import { startDockerRegistry } from '../registry/docker-registry.ts';
import { certificate } from '../registry/pulling.ts';
import { walkTree } from '../unit/image/tree-walk.ts';

const missing = ['skopeo', 'umoci', 'docker-registry'].filter(
  (tool) => spawnSync('which', [tool]).status !== 0,
);
const skip = missing.length > 0 ? `not installed: ${missing.join(', ')}` : false;

const top = mkdtempSync(join(tmpdir(), 'tsrkt-interop-'));
after(() => rmSync(top, { recursive: true }));

const amd64 = { os: 'linux', architecture: 'amd64' };
const run = (script: string) =>
  execFileSync('sh', ['-ec', script], { cwd: top, stdio: ['ignore', 'pipe', 'inherit'] });

/** An image of three layers made by umoci: changed, removed, replaced and opaque things among them. */
const makeImage = `
umoci init --layout image
umoci new --image image:v1
umoci unpack --image image:v1 one >/dev/null 2>&1
cd one/rootfs
mkdir -p deep/er/est dir/sub gone opaque etc
echo 1 > deep/er/est/file; echo 1 > dir/sub/file; echo 1 > gone/file; echo 1 > opaque/old; echo 1 > etc/conf
echo s > suid; chmod 4755 suid; chown 1000:1001 suid; ln suid suid-again; ln -s /etc/passwd link; mkfifo fifo; mknod null c 1 3
chmod 1777 gone; chmod 700 deep; touch -d 2001-02-03T04:05:06 deep/er/est deep/er deep
cd ../.. && umoci repack --image image:v1 one 2>/dev/null
umoci unpack --image image:v1 two >/dev/null 2>&1
cd two/rootfs
rm -r gone etc/conf dir/sub; echo 2 > dir/sub; echo changed > deep/er/est/file; touch -d 2001-02-03T04:05:06 deep/er/est
mkdir etc/conf; echo 2 > etc/conf/file; ln deep/er/est/file linked
cd ../.. && umoci repack --image image:v1 two 2>/dev/null
mkdir -p new/opaque && echo new > new/opaque/new && touch new/opaque/.wh..wh..opq && tar -C new -cf new.tar opaque
umoci raw add-layer --image image:v1 new.tar 2>/dev/null
umoci unpack --image image:v1 whole >/dev/null 2>&1
`;

let made = false;
function image(): string {
  if (!made) run(makeImage);
  made = true;
  return join(top, 'image');
}

/** Unpacks all layers, each by itself where that can be, and gives their directories, the uppermost first. */
async function unpackAll(source: ImageSource, target: string): Promise<readonly string[]> {
  const { manifest } = await source.resolve(amd64);
  const config = await readVerified((await source.openBlob(manifest.config)).bytes, manifest.config, 1 << 20);
  const { diff_ids } = parseImageConfig(config).rootfs;
  const lower: string[] = [];
  for (const [index, layer] of manifest.layers.entries()) {
    const diffId = diff_ids[index];
    const compression = layerCompression(layer.mediaType);
    if (diffId === undefined || compression === undefined) throw new Error('a layer is not described');
    const unpack = async (directory: string, below?: readonly string[]) => {
      mkdirSync(directory, { recursive: true });
      const { bytes } = await source.openBlob(layer);
      const options = {
        diffId,
        privilege: 'root' as const,
        ...(below === undefined ? {} : { lower: async () => below }),
      };
      await unpackLayer(decompress(verifiedBytes(bytes, layer), compression), directory, options);
      return directory;
    };
    const alone = unpack(join(target, `${index}`)).catch((error: unknown) => {
      if (!hasCode(error, 'ERR_LAYER_NEEDS_LOWER')) throw error;
      return unpack(join(target, `${index}-above`), lower);
    });
    lower.unshift(await alone);
  }
  return lower;
}

/** The tree that overlayfs shows, without its root, which the uppermost directory of a running pod describes. */
async function walkOverlay(layers: readonly string[]): Promise<readonly string[]> {
  const mountPoint = mkdtempSync(join(top, 'mount-'));
  const empty = mkdtempSync(join(top, 'empty-')); // overlayfs wants two layers at least
  execFileSync('mount', [
    '-t',
    'overlay',
    'overlay',
    '-o',
    `lowerdir=${[empty, ...visibleLayers(layers)].join(':')}`,
    mountPoint,
  ]);
  try {
    return (await walkTree(mountPoint)).slice(1);
  } finally {
    execFileSync('umount', [mountPoint]);
  }
}

test('an image that umoci made is unpacked for overlayfs to the tree umoci unpacks', { skip }, async () => {
  await using source = await openLocalSource({ kind: 'oci', path: image() }, top);
  const layers = await unpackAll(source, join(top, 'layers'));
  assert.equal(layers.length, 3);
  const expected = (await walkTree(join(top, 'whole/rootfs'))).slice(1);
  assert.deepEqual(await walkOverlay(layers), expected);
});

for (const [transport, kind] of [
  ['oci-archive', 'oci-archive'],
  ['docker-archive', 'docker-archive'],
] as const)
  test(`a ${transport} that skopeo wrote holds the same layers`, { skip }, async () => {
    const path = join(top, `${transport}.tar`);
    run(`skopeo copy -q oci:${image()}:v1 ${transport}:${path}:app:v1`);
    await using source = await openLocalSource({ kind, path }, top);
    const layers = await unpackAll(source, join(top, transport));
    assert.deepEqual(await walkOverlay(layers), (await walkTree(join(top, 'whole/rootfs'))).slice(1));
  });

function client(): RegistryClient {
  const http = openHttp({ userAgent: 'tsrkt/test', env: { SSL_CERT_FILE: certificate.certFile } });
  return { http, findCredentials: async () => undefined };
}

test('images go through a registry of Debian, from skopeo to us and from us to skopeo', {
  skip,
}, async () => {
  await using registry = await startDockerRegistry(certificate);
  const skopeo = `SSL_CERT_FILE=${certificate.certFile} skopeo`;
  run(`${skopeo} copy -q oci:${image()}:v1 docker://${registry.host}/app:skopeo`);
  const source = registrySource(client(), parseDockerReference(`${registry.host}/app:skopeo`), []);
  const resolved = await source.resolve(amd64);
  const layout = join(top, 'copied');
  await copyImage(source, resolved, layoutDestination(layout, 'v1'));
  run(`umoci unpack --image copied:v1 again >/dev/null 2>&1`);
  const expected = await walkTree(join(top, 'whole/rootfs'));
  assert.deepEqual((await walkTree(join(top, 'again/rootfs'))).slice(1), expected.slice(1));

  const to = await openRepository(client(), { registry: registry.host, repository: 'pushed' }, 'push');
  await copyImage(source, resolved, registryDestination(to, 'ours'));
  const inspected = JSON.parse(run(`${skopeo} inspect docker://${registry.host}/pushed:ours`).toString());
  assert.equal(inspected.Digest, resolved.manifestDigest);
  run(`${skopeo} copy -q docker://${registry.host}/pushed:ours oci:back:v1`);
  const { manifests } = JSON.parse(readFileSync(join(top, 'back/index.json'), 'utf8'));
  assert.equal(manifests[0].digest, resolved.manifestDigest);
});

test('a Docker manifest of skopeo’s is resolved like an OCI one', { skip }, async () => {
  await using registry = await startDockerRegistry(certificate);
  const skopeo = `SSL_CERT_FILE=${certificate.certFile} skopeo`;
  run(`${skopeo} copy -q --format v2s2 oci:${image()}:v1 docker://${registry.host}/app:v2s2`);
  const source = registrySource(client(), parseDockerReference(`${registry.host}/app:v2s2`), []);
  const { manifestType } = await source.resolve(amd64);
  assert.equal(manifestType, 'application/vnd.docker.distribution.manifest.v2+json');
  const layers = await unpackAll(source, join(top, 'v2s2'));
  assert.deepEqual(await walkOverlay(layers), (await walkTree(join(top, 'whole/rootfs'))).slice(1));
});
