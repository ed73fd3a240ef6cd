import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseCosignKey } from '../../trust/cosign/key.ts';
import { addCosignKey } from '../../trust/keystore/write.ts';
import { rejectsWith } from '../registry/pulling.ts';
import { document, sampleImage, sampleIndex } from '../registry/sample-image.ts';
import { signBundle, signLegacy } from '../registry/signing.ts';
import { opensslHome } from '../unit/trust/openssl.ts';
import { type RegistryPlace, registryPlace } from './registry-place.ts';

const openssl = opensslHome();
after(() => openssl[Symbol.dispose]());
const signer = { openssl, keyFile: openssl.keyPair('ec:P-256') };
const stranger = { openssl, keyFile: openssl.keyPair('ec:P-256') };

const image = sampleImage();
const verified = { insecureImage: false } as const;

function trustSigner({ place, registry }: RegistryPlace, scope = `${registry.host}/app`): void {
  const key = parseCosignKey(openssl.publicKey(signer.keyFile), 'cosign.pub');
  addCosignKey(place.home.trust().store, scope, key);
}

test('an image of a registry that nobody signed is refused before its layers are asked for', async () => {
  await using all = await registryPlace();
  all.registry.add('app', 'v1', image);
  trustSigner(all);
  await rejectsWith(all.fetch('app:v1', verified), 'ERR_NOT_SIGNED');
  assert.deepEqual(all.blobsAskedFor(), []);
  const { decision } = await all.fetch('app:v1');
  assert.equal(decision.mode, 'unverified');
  assert.match(all.place.told.join('\n'), /warning: image "docker:.*app:v1" is let through unverified/);
});

test('an image is accepted by the signature beside it, and again from the store without its registry', async () => {
  await using all = await registryPlace();
  all.registry.add('app', 'v1', image);
  signLegacy(all.registry, 'app', image, signer);
  trustSigner(all);
  const { decision, record, id } = await all.fetch('app:v1', verified);
  assert.equal(decision.mode, 'verified');
  assert.equal(record.verification.status, 'verified');
  assert.equal(id, image.digest.replace(':', '-'));
  all.registry.seen.length = 0;
  const again = await all.fetch('app:v1', { ...verified, pullPolicy: 'new' });
  assert.deepEqual([again.id, again.decision.mode, all.registry.seen.length], [id, 'verified', 0]);
});

test('a signature by a stranger, or of another image, or for another repository, is none', async () => {
  await using all = await registryPlace();
  const { registry } = all;
  trustSigner(all, registry.host);
  registry.add('app', 'v1', image);
  signLegacy(registry, 'app', image, stranger);
  await rejectsWith(all.fetch('app:v1', verified), 'ERR_SIGNATURE_MISMATCH');
  registry.add('copy', 'v1', image);
  signLegacy(registry, 'app', image, signer);
  registry.addDocument(
    'copy',
    `${image.digest.replace(':', '-')}.sig`,
    registry.manifests.get(`app ${image.digest.replace(':', '-')}.sig`)!,
  );
  await rejectsWith(all.fetch('copy:v1', verified), 'ERR_SIGNATURE_IDENTITY');
  assert.equal((await all.fetch('app:v1', verified)).decision.mode, 'verified');
});

test('an index that is signed vouches for the manifest it names', async () => {
  await using all = await registryPlace();
  const index = sampleIndex({ 'linux/amd64': image });
  all.registry.add('app', 'v1', image);
  all.registry.addDocument('app', 'v1', index);
  signLegacy(all.registry, 'app', index, signer);
  trustSigner(all);
  const { decision, record } = await all.fetch('app:v1', verified);
  assert.equal(decision.mode, 'verified');
  assert.deepEqual(record.oci?.indexes, [index.digest]);
  const byIndex = await all.fetch(`app@${index.digest}`, { ...verified, pullPolicy: 'never' });
  assert.equal(byIndex.record.blob, image.digest);
});

for (const referrers of [true, false])
  test(`a sigstore bundle is found ${referrers ? 'by the referrers API' : 'by the tag that stands in for it'}`, async () => {
    await using all = await registryPlace({ referrers });
    all.registry.add('app', 'v1', image);
    const { digest, mediaType, bytes } = signBundle(all.registry, 'app', image, signer);
    const index = document('application/vnd.oci.image.index.v1+json', {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [{ mediaType, digest, size: bytes.length }],
    });
    if (!referrers) all.registry.addDocument('app', image.digest.replace(':', '-'), index);
    trustSigner(all);
    assert.equal((await all.fetch('app:v1', verified)).decision.mode, 'verified');
  });

test('a simple signing signature counts for the tag it names', async () => {
  await using all = await registryPlace();
  const { place, registry } = all;
  registry.add('app', 'v1', image);
  registry.addDocument('app', 'v2', image);
  const claim = {
    critical: {
      type: 'atomic container signature',
      image: { 'docker-manifest-digest': image.digest },
      identity: { 'docker-reference': `${registry.host}/app:v1` },
    },
    optional: {},
  };
  const directory = join(place.path, `sigstore/app@${image.digest.replace(':', '=')}`);
  mkdirSync(directory, { recursive: true });
  const signed = place.home.gpg(['--local-user', place.publisher, '--sign'], {
    input: JSON.stringify(claim),
  });
  writeFileSync(join(directory, 'signature-1'), signed);
  await place.home.trustKey(place.publisher, registry.host);
  assert.equal((await all.fetch('app:v1', verified)).decision.mode, 'verified');
  await rejectsWith(all.fetch('app:v2', verified), 'ERR_SIGNATURE_IDENTITY');
});

test('an image of the store is judged by the name it is asked for, not by the one it came with', async () => {
  await using all = await registryPlace();
  const { registry } = all;
  registry.add('app', 'v1', image);
  signLegacy(registry, 'app', image, signer);
  trustSigner(all);
  await all.fetch('app:v1', verified);
  registry.add('evil', 'v1', image);
  await all.fetch('evil:v1');
  await rejectsWith(all.fetch('evil:v1', { ...verified, pullPolicy: 'never' }), 'ERR_KEY_UNKNOWN');
});
