import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fetchImage } from '../../image/fetch.ts';
import { transferImage } from '../../image/transport/transfer.ts';
import { parseCosignKey } from '../../trust/cosign/key.ts';
import { addCosignKey } from '../../trust/keystore/write.ts';
import { certificate, rejectsWith } from '../registry/pulling.ts';
import { sampleImage, sampleIndex } from '../registry/sample-image.ts';
import { signBundle, signLegacy } from '../registry/signing.ts';
import { opensslHome } from '../unit/trust/openssl.ts';
import { type RegistryPlace, registryPlace } from './registry-place.ts';

const openssl = opensslHome();
after(() => openssl[Symbol.dispose]());
const signer = { openssl, keyFile: openssl.keyPair('ec:P-256') };
const stranger = { openssl, keyFile: openssl.keyPair('ec:P-256') };
const image = sampleImage();

function trustSigner({ place }: RegistryPlace, scope: string): void {
  addCosignKey(
    place.home.trust().store,
    scope,
    parseCosignKey(openssl.publicKey(signer.keyFile), 'cosign.pub'),
  );
}

/** Copies `app:v1` of the registry, with its signatures, to `KIND:PATH:NAME`; gives `KIND:PATH`. */
async function copyOut(all: RegistryPlace, kind: string, name: string, isWhole = false): Promise<string> {
  const http = { userAgent: 'tsrkt/test', env: { SSL_CERT_FILE: certificate.certFile } };
  const where = `${kind}:${join(all.place.path, kind)}`;
  const from = `docker://${all.registry.host}/app:v1`;
  const transfer = { from, to: `${where}:${name}`, isStored: false, isWhole, hasSignatures: true };
  await transferImage(all.place.store, transfer, all.place.options({ http }));
  return where;
}

const fetch = ({ place }: RegistryPlace, reference: string) =>
  fetchImage(place.store, { reference }, place.options());

for (const kind of ['oci', 'oci-archive'])
  for (const sign of [signLegacy, signBundle])
    test(`an image in an ${kind} is accepted by what ${sign.name}() put there, under the name the user gives in full`, async () => {
      await using all = await registryPlace({ referrers: true });
      const { registry } = all;
      registry.add('app', 'v1', image);
      sign(registry, 'app', image, signer);
      trustSigner(all, `${registry.host}/app`);
      const name = `${registry.host}/app:v1`;
      const { decision, id } = await fetch(all, `${await copyOut(all, kind, name)}:${name}`);
      assert.deepEqual(
        [decision.mode, decision.name, id],
        ['verified', `${registry.host}/app`, image.digest.replace(':', '-')],
      );
    });

test('a signed index in a layout vouches for the image in it', async () => {
  await using all = await registryPlace();
  const { registry } = all;
  const index = sampleIndex({ 'linux/amd64': image });
  registry.add('app', image.digest, image);
  registry.addDocument('app', 'v1', index);
  signLegacy(registry, 'app', index, signer);
  trustSigner(all, `${registry.host}/app`);
  const name = `${registry.host}/app:v1`;
  const where = await copyOut(all, 'oci', name, true);
  assert.equal((await fetch(all, `${where}:${name}`)).decision.mode, 'verified');
});

test('a layout says nothing of whose image it holds: only the user does', async () => {
  await using all = await registryPlace();
  const { registry } = all;
  registry.add('app', 'v1', image);
  signLegacy(registry, 'app', image, signer);
  trustSigner(all, ''); // for every name
  const name = `${registry.host}/app:v1`;
  const where = await copyOut(all, 'oci', name);
  await rejectsWith(fetch(all, where), 'ERR_SIGNATURE_IDENTITY');
  const index = join(all.place.path, 'oci/index.json');
  const text = readFileSync(index, 'utf8');
  for (const other of [`${registry.host}/other:v1`, 'app:v1', 'v1']) {
    writeFileSync(index, text.replace(`"${name}"`, JSON.stringify(other)));
    await rejectsWith(fetch(all, `${where}:${other}`), 'ERR_SIGNATURE_IDENTITY');
  }
  writeFileSync(index, text);
  assert.equal((await fetch(all, `${where}:${name}`)).decision.mode, 'verified');
});

test('a layout is not opened where no key could accept what lies in it', async () => {
  await using all = await registryPlace();
  const { registry } = all;
  const reference = `oci:/nowhere:${registry.host}/app:v1`;
  await rejectsWith(fetch(all, reference), 'ERR_NOT_SIGNED');
  trustSigner(all, `${registry.host}/app`);
  await rejectsWith(fetch(all, `oci:/nowhere:${registry.host}/else:v1`), 'ERR_NOT_SIGNED');
  await rejectsWith(fetch(all, reference), 'ENOENT');
});

test('a layout is not opened where the policy rejects its name, whatever key there is', async () => {
  await using all = await registryPlace();
  const { place, registry } = all;
  trustSigner(all, `${registry.host}/app`);
  const policy = { prefixes: { [`${registry.host}/app`]: { reject: true } } };
  const options = place.options({ trust: () => place.home.trust(policy) });
  const reference = `oci:/nowhere:${registry.host}/app:v1`;
  await rejectsWith(fetchImage(place.store, { reference }, options), 'ERR_POLICY_REJECT');
});

test('a layout whose signature is by a stranger, or of another image, or nobody’s is refused', async () => {
  await using all = await registryPlace();
  const { registry } = all;
  const name = `${registry.host}/app:v1`;
  trustSigner(all, registry.host);
  registry.add('app', 'v1', image);
  await rejectsWith(fetch(all, `${await copyOut(all, 'oci', name)}:${name}`), 'ERR_NOT_SIGNED');
  signLegacy(registry, 'app', image, stranger);
  await rejectsWith(fetch(all, `${await copyOut(all, 'oci', name)}:${name}`), 'ERR_SIGNATURE_MISMATCH');
  const other = sampleImage([[{ name: 'other' }]]);
  signLegacy(registry, 'app', other, signer);
  const ofOther = registry.manifests.get(`app ${other.digest.replace(':', '-')}.sig`)!;
  registry.addDocument('app', `${image.digest.replace(':', '-')}.sig`, ofOther);
  const again = `${registry.host}/app:v2`;
  registry.add('app', 'v2', image);
  await rejectsWith(
    fetch(all, `${await copyOut(all, 'oci-archive', again)}:${again}`),
    'ERR_SIGNATURE_DIGEST',
  );
});
