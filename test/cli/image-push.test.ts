import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { certificate } from '../registry/pulling.ts';
import { startRegistry } from '../registry/registry.ts';
import { sampleImage } from '../registry/sample-image.ts';
import { signLegacy } from '../registry/signing.ts';
import { opensslHome } from '../unit/trust/openssl.ts';
import { trustPlace } from './trust-place.ts';

const openssl = opensslHome();
after(() => openssl[Symbol.dispose]());
const signer = { openssl, keyFile: openssl.keyPair('ec:P-256') };
const env = { SSL_CERT_FILE: certificate.certFile };

test('image push sends the signatures that the store keeps, unless told not to', async () => {
  using place = await trustPlace();
  await using registry = await startRegistry(certificate);
  const image = sampleImage();
  const tag = `${image.digest.replace(':', '-')}.sig`;
  registry.add('app', 'v1', image);
  signLegacy(registry, 'app', image, signer);
  const key = join(place.path, 'cosign.pub');
  writeFileSync(key, openssl.publicKey(signer.keyFile));
  const imported = await place.tsrkt([
    'trust',
    'import',
    '--skip-fingerprint-review',
    `--prefix=${registry.host}/app`,
    key,
  ]);
  assert.equal(imported.status, 0, imported.stderr);
  const fetched = await place.tsrkt(['fetch', `docker://${registry.host}/app:v1`], env);
  assert.equal(fetched.status, 0, fetched.stderr);
  const { manifests } = registry;
  for (const [repository, ...flags] of [['bare', '--no-signatures'], ['again']]) {
    const to = `docker://${registry.host}/${repository}:v1`;
    const pushed = await place.tsrkt(['image', 'push', ...flags, image.digest, to], env);
    assert.deepEqual([pushed.status, pushed.stdout], [0, `${image.digest}\n`], pushed.stderr);
  }
  assert.deepEqual([manifests.has(`bare ${tag}`), manifests.has(`again ${tag}`)], [false, true]);
});

test('image push of a signed ACI says that its signature stays behind: it is of the file, not of the manifest', async () => {
  using place = await trustPlace();
  await place.trust('example.com');
  const box = await place.image('box.aci');
  place.sign(box);
  assert.equal((await place.tsrkt(['fetch', box])).status, 0);
  const layout = join(place.path, 'layout');
  const { status, stdout, stderr } = await place.tsrkt([
    'image',
    'push',
    'example.com/box',
    `oci:${layout}:v1`,
  ]);
  assert.equal(status, 0, stderr);
  const notice = `push: the signatures of the image stay behind: they are not of ${stdout.trim()}, which is copied`;
  assert.ok(stderr.split('\n').includes(notice), stderr);
});
