import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { fetchImage } from '../../image/fetch.ts';
import { transferImage } from '../../image/transport/transfer.ts';
import { OCI_MANIFEST } from '../../schema/oci/media-type.ts';
import { parseCosignKey } from '../../trust/cosign/key.ts';
import { addCosignKey } from '../../trust/keystore/write.ts';
import { certificate } from '../registry/pulling.ts';
import { type Document, document, sampleImage, sampleIndex } from '../registry/sample-image.ts';
import { signBundle, signLegacy } from '../registry/signing.ts';
import { opensslHome } from '../unit/trust/openssl.ts';
import { type FetchPlace, fetchPlace } from './fetch-place.ts';
import { type RegistryPlace, registryPlace } from './registry-place.ts';

const openssl = opensslHome();
after(() => openssl[Symbol.dispose]());
const signer = { openssl, keyFile: openssl.keyPair('ec:P-256') };
const other = { openssl, keyFile: openssl.keyPair('ec:P-256') };

const image = sampleImage();
const verified = { insecureImage: false } as const;
const http = { userAgent: 'tsrkt/test', env: { SSL_CERT_FILE: certificate.certFile }, retries: 0 };
const tagOf = ({ digest }: Document, end = '') => digest.replace(':', '-') + end;

function trust({ home }: FetchPlace, scope: string, ...signers: readonly (typeof signer)[]): void {
  for (const { keyFile } of signers)
    addCosignKey(home.trust().store, scope, parseCosignKey(openssl.publicKey(keyFile), 'cosign.pub'));
}

function push({ place, registry }: RegistryPlace, to: string, hasSignatures = true): Promise<string> {
  const transfer = { from: image.digest, to: `docker://${registry.host}/${to}`, hasSignatures };
  return transferImage(place.store, { ...transfer, isStored: true, isWhole: false }, place.options({ http }));
}

/** Fetches from the registry into a store where nothing is yet, under a policy. */
function fetchElsewhere(elsewhere: FetchPlace, reference: string, policy: object) {
  const options = elsewhere.options({ http, trust: () => elsewhere.home.trust(policy) });
  return fetchImage(elsewhere.store, { reference }, options);
}

/** A policy under which only what was signed for this repository is accepted. */
const signedAs = (repository: string) => ({
  default: {
    signedBy: 'keystore',
    signedIdentity: { type: 'exactRepository', dockerRepository: repository },
  },
});

interface Manifest {
  readonly layers: readonly { readonly annotations: object }[];
  readonly annotations?: object;
}
const parse = (found: Document | undefined): Manifest => JSON.parse(found!.bytes.toString());

for (const sign of [signLegacy, signBundle])
  for (const referrers of [true, false])
    test(`what ${sign.name}() signed is accepted from where it was pushed${referrers ? '' : ', without the referrers API'}`, async () => {
      await using all = await registryPlace({ referrers });
      const { registry, place } = all;
      registry.add('app', 'v1', image);
      const bundle = sign(registry, 'app', image, signer);
      if (bundle !== undefined && !referrers)
        registry.addDocument('app', tagOf(image), sampleIndex({ 'linux/amd64': bundle }));
      trust(place, `${registry.host}/app`, signer);
      await all.fetch('app:v1', verified);
      assert.equal(await push(all, 'again:v2'), image.digest);
      const puts = registry.seen.filter(({ method }) => method === 'PUT').map(({ url }) => url);
      assert.equal(puts.at(-1), '/v2/again/manifests/v2');
      using elsewhere = await fetchPlace();
      trust(elsewhere, `${registry.host}/again`, signer);
      const reference = `docker://${registry.host}/again:v2`;
      const { decision, id } = await fetchElsewhere(elsewhere, reference, signedAs(`${registry.host}/app`));
      assert.deepEqual([decision.mode, id], ['verified', tagOf(image)]);
    });

test('a simple signing signature is pushed to where the configuration says, and accepted from there', async () => {
  await using all = await registryPlace();
  const { place, registry } = all;
  registry.add('app', 'v1', image);
  const claim = {
    critical: {
      type: 'atomic container signature',
      image: { 'docker-manifest-digest': image.digest },
      identity: { 'docker-reference': `${registry.host}/app:v1` },
    },
    optional: {},
  };
  const input = JSON.stringify(claim);
  const directory = join(place.path, `sigstore/app@${image.digest.replace(':', '=')}`);
  mkdirSync(directory, { recursive: true });
  const signed = place.home.gpg(['--local-user', place.publisher, '--sign'], { input });
  writeFileSync(join(directory, 'signature-1'), signed);
  await place.home.trustKey(place.publisher, registry.host);
  await all.fetch('app:v1', verified);
  const staging = join(place.path, 'staging');
  mkdirSync(join(place.path, 'config/registries.d'), { recursive: true });
  writeFileSync(
    join(place.path, 'config/registries.d/again.yaml'),
    `docker: {${registry.host}/again: {lookaside: "https://localhost:1/", lookaside-staging: "file://${staging}"}}\n`,
  );
  for (let twice = 0; twice < 2; twice++) await push(all, 'again:v2');
  assert.deepEqual(readdirSync(join(staging, `again@${image.digest.replace(':', '=')}`)), ['signature-1']);
  using elsewhere = await fetchPlace();
  const key = elsewhere.home.file('key.asc', place.home.export(place.publisher));
  elsewhere.home.gpg(['--import', key]);
  await elsewhere.home.trustKey(place.publisher, registry.host);
  const trust = () => elsewhere.home.trust(signedAs(`${registry.host}/app`));
  const registries = { ...elsewhere.options().registries, defaultLookaside: pathToFileURL(staging) };
  const reference = `docker://${registry.host}/again:v2`;
  const options = elsewhere.options({ http, trust, registries });
  assert.equal((await fetchImage(elsewhere.store, { reference }, options)).decision.mode, 'verified');
});

test('signatures of cosign are pushed whole, join those that are there, and change none of them', async () => {
  await using all = await registryPlace();
  const { registry, place } = all;
  registry.add('app', 'v1', image);
  const layers = [signer, other].flatMap((each) => {
    signLegacy(registry, 'app', image, each);
    return parse(registry.manifests.get(`app ${tagOf(image, '.sig')}`)).layers;
  });
  const [one, two] = layers.map((layer, index) => {
    const more = { 'dev.sigstore.cosign/certificate': `certificate ${index}` };
    return { ...layer, annotations: { ...more, ...layer.annotations } };
  });
  const publish = (repository: string, ...of: readonly unknown[]) => {
    const { bytes } = registry.manifests.get(`app ${tagOf(image, '.sig')}`)!;
    const manifest = document(OCI_MANIFEST, { ...JSON.parse(bytes.toString()), layers: of });
    registry.addDocument(repository, tagOf(image, '.sig'), manifest);
  };
  publish('app', one, two);
  trust(place, `${registry.host}/app`, signer);
  await all.fetch('app:v1', verified);
  await push(all, 'again:v1');
  const found = (repository: string) =>
    parse(registry.manifests.get(`${repository} ${tagOf(image, '.sig')}`)).layers;
  assert.deepEqual(found('again'), [one, two]);
  const richer = { ...two, annotations: { ...two?.annotations, 'dev.sigstore.cosign/chain': 'chain' } };
  publish('rich', richer);
  for (let twice = 0; twice < 2; twice++) {
    await push(all, 'rich:v1');
    assert.deepEqual(found('rich'), [richer, one]);
  }
});

test('a bundle is pushed with what says which kind of statement it is, and a second push adds nothing', async () => {
  await using all = await registryPlace();
  const { registry, place } = all;
  registry.add('app', 'v1', image);
  const { digest } = signBundle(registry, 'app', image, signer);
  registry.addDocument(
    'app',
    tagOf(image),
    sampleIndex({ 'linux/amd64': registry.manifests.get(`app ${digest}`)! }),
  );
  trust(place, `${registry.host}/app`, signer);
  await all.fetch('app:v1', verified);
  for (let twice = 0; twice < 2; twice++) await push(all, 'again:v1');
  const { manifests } = JSON.parse(registry.manifests.get(`again ${tagOf(image)}`)!.bytes.toString());
  const annotations = {
    'dev.sigstore.bundle.content': 'dsse-envelope',
    'dev.sigstore.bundle.predicateType': 'https://sigstore.dev/cosign/sign/v1',
  };
  assert.deepEqual(
    manifests.map((each: Manifest) => each.annotations),
    [annotations],
  );
});

test('what was signed for another manifest does not travel, whoever says that it is of this one', async () => {
  await using all = await registryPlace();
  const { registry, place } = all;
  registry.add('app', 'v1', image);
  const stranger = sampleImage([[{ name: 'stranger' }]]);
  signLegacy(registry, 'app', stranger, signer);
  const moved = registry.manifests.get(`app ${tagOf(stranger, '.sig')}`)!;
  registry.addDocument('app', tagOf(image, '.sig'), moved);
  place.home.trust({ default: { insecureAcceptAnything: true } });
  await all.fetch('app:v1', verified);
  await push(all, 'again:v1');
  assert.ok(!registry.manifests.has(`again ${tagOf(image, '.sig')}`));
  assert.match(place.told.at(-1)!, new RegExp(`signatures .* stay behind: they are not of ${image.digest}`));
});

test('where only the index was signed, the image alone is pushed without signatures, and push says so', async () => {
  await using all = await registryPlace();
  const { registry, place } = all;
  const index = sampleIndex({ 'linux/amd64': image });
  registry.add('app', image.digest, image);
  registry.addDocument('app', 'v1', index);
  signLegacy(registry, 'app', index, signer);
  trust(place, `${registry.host}/app`, signer);
  await all.fetch('app:v1', verified);
  await push(all, 'again:v1');
  assert.deepEqual(
    [...registry.manifests.keys()].filter((key) => key.startsWith('again ')).sort(),
    [`again ${image.digest}`, 'again v1'].sort(),
  );
  assert.match(place.told.at(-1)!, new RegExp(`signatures .* stay behind: they are not of ${image.digest}`));
});
