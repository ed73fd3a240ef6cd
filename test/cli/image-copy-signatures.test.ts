import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { OCI_INDEX, OCI_MANIFEST } from '../../schema/oci/media-type.ts';
import { answer } from '../registry/faults.ts';
import type { TestRegistry } from '../registry/registry.ts';
import { type Document, describe, document, sampleImage, sampleIndex } from '../registry/sample-image.ts';
import { signBundle, signLegacy } from '../registry/signing.ts';
import { opensslHome } from '../unit/trust/openssl.ts';
import { copyPlace } from './copy-place.ts';

const openssl = opensslHome();
after(() => openssl[Symbol.dispose]());
const signer = { openssl, keyFile: openssl.keyPair('ec:P-256') };
const other = { openssl, keyFile: openssl.keyPair('ec:P-256') };

const image = sampleImage();
const second = sampleImage([[{ name: 'b' }]]);
const index = sampleIndex({ 'linux/amd64': image, 'linux/arm64': second });
const tagOf = ({ digest }: Document, end = '') => digest.replace(':', '-') + end;

function publish(registry: TestRegistry, repository = 'app'): string {
  for (const each of [image, second]) registry.add(repository, each.digest, each);
  registry.addDocument(repository, 'v1', index);
  return `docker://${registry.host}/${repository}:v1`;
}

interface Manifest {
  readonly layers: readonly object[];
  readonly manifests: readonly { digest: string; artifactType?: string; annotations?: object }[];
}
const parse = (found: Document | undefined): Manifest => JSON.parse(found!.bytes.toString());

test('image copy --all takes the signatures of the index and of every image along, the name coming last', async () => {
  await using place = await copyPlace({ referrers: true });
  const { registry } = place;
  const app = publish(registry);
  for (const each of [index, image, second]) signLegacy(registry, 'app', each, signer);
  const bundle = signBundle(registry, 'app', index, signer);
  await place.copy('--all', app, `docker://${registry.host}/again:v1`);
  for (const each of [index, image, second]) {
    const { bytes } = registry.manifests.get(`app ${tagOf(each, '.sig')}`)!;
    assert.deepEqual(registry.manifests.get(`again ${tagOf(each, '.sig')}`)?.bytes, bytes);
  }
  assert.deepEqual(registry.manifests.get(`again ${bundle.digest}`)?.bytes, bundle.bytes);
  assert.ok(!registry.manifests.has(`again ${tagOf(index)}`), 'the registry keeps the list itself');
  const puts = registry.seen.filter(({ method }) => method === 'PUT').map(({ url }) => url);
  assert.equal(puts.at(-1), '/v2/again/manifests/v1');
});

test('image copy takes attestations along, into a layout and out of it', async () => {
  await using place = await copyPlace();
  const { registry } = place;
  const app = publish(registry);
  signLegacy(registry, 'app', image, signer);
  const attestation = registry.manifests.get(`app ${tagOf(image, '.sig')}`)!;
  registry.addDocument('app', tagOf(image, '.att'), attestation);
  registry.manifests.delete(`app ${tagOf(image, '.sig')}`);
  await place.copy(app, 'oci:layout:v1');
  await place.copy('oci:layout:v1', `docker://${registry.host}/again:v1`);
  assert.deepEqual(registry.manifests.get(`again ${tagOf(image, '.att')}`)?.bytes, attestation.bytes);
  assert.ok(!registry.manifests.has(`again ${tagOf(image, '.sig')}`));
});

test('image copy --no-signatures asks for none', async () => {
  await using place = await copyPlace({ referrers: true });
  const { registry } = place;
  signLegacy(registry, 'app', image, signer);
  await place.copy('--no-signatures', publish(registry), `docker://${registry.host}/again:v1`);
  assert.ok(!registry.manifests.has(`again ${tagOf(image, '.sig')}`));
  assert.ok(!registry.seen.some(({ url }) => /\.sig$|referrers/.test(url)));
});

test('image copy lists a referrer under the tag where the registry does not say that it does', async () => {
  for (const options of [{}, { referrers: true, namesSubject: false }]) {
    await using place = await copyPlace(options);
    const { registry } = place;
    const app = publish(registry);
    const bundle = signBundle(registry, 'app', image, signer);
    const known = document(OCI_INDEX, {
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: [{ ...describe(second), unknown: 2 }],
      annotations: { kept: 'yes' },
    });
    registry.addDocument('again', tagOf(image), known);
    const list = document(OCI_INDEX, {
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: [describe(bundle)],
    });
    if (options.referrers !== true) registry.addDocument('app', tagOf(image), list);
    const to = `docker://${registry.host}/again:v1`;
    await place.copy(app, to);
    await place.copy(app, to);
    const { mediaType, artifactType } = JSON.parse(bundle.bytes.toString());
    const entry = { mediaType, digest: bundle.digest, size: bundle.bytes.length, artifactType };
    assert.deepEqual(parse(registry.manifests.get(`again ${tagOf(image)}`)), {
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      annotations: { kept: 'yes' },
      manifests: [{ ...describe(second), unknown: 2 }, entry],
    });
  }
});

test('image copy adds to the signatures that the destination has, and takes none away', async () => {
  await using place = await copyPlace();
  const { registry } = place;
  const app = publish(registry);
  signLegacy(registry, 'app', image, signer);
  signLegacy(registry, 'again', image, other);
  const signatures = (repository: string) =>
    parse(registry.manifests.get(`${repository} ${tagOf(image, '.sig')}`)).layers;
  const both = [...signatures('again'), ...signatures('app')];
  const to = `docker://${registry.host}/again:v1`;
  await place.copy(app, to);
  assert.deepEqual(signatures('again'), both);
  await place.copy(app, to);
  assert.deepEqual(signatures('again'), both);
  await place.copy(to, 'oci:layout:v1');
  await place.copy('oci:layout:v1', `docker://${registry.host}/third:v1`);
  assert.deepEqual(signatures('third'), both);
});

test('a layout holds signatures as cosign does, and they come out of it again', async () => {
  await using place = await copyPlace({ referrers: true });
  const { registry } = place;
  const app = publish(registry);
  signLegacy(registry, 'app', index, signer);
  signLegacy(registry, 'app', image, signer);
  const bundle = signBundle(registry, 'app', image, signer);
  for (const layout of ['oci:layout', 'oci-archive:layout.tar']) {
    await place.copy('--all', app, layout);
    assert.equal(
      await place.copy('--all', layout, `docker://${registry.host}/${layout.length}:v1`),
      index.digest,
    );
    for (const each of [tagOf(index, '.sig'), tagOf(image, '.sig'), bundle.digest])
      assert.deepEqual(
        registry.manifests.get(`${layout.length} ${each}`)?.bytes,
        registry.manifests.get(`app ${each}`)?.bytes,
      );
  }
  await place.copy('--all', app, 'oci:layout');
  const { manifests } = JSON.parse(readFileSync(join(place.path, 'layout/index.json'), 'utf8')) as Manifest;
  const sigs = (each: Document) => ({
    kind: 'dev.cosignproject.cosign/sigs',
    'org.opencontainers.image.ref.name': tagOf(each, '.sig'),
  });
  assert.deepEqual(
    manifests.map(({ annotations, artifactType }) => annotations ?? artifactType),
    [
      sigs(index),
      sigs(image),
      'application/vnd.dev.sigstore.bundle.v0.3+json',
      { kind: 'dev.cosignproject.cosign/imageIndex' },
    ],
  );
});

test('image copy without --all says so where only the index is signed', async () => {
  await using place = await copyPlace();
  const { registry } = place;
  signLegacy(registry, 'app', index, signer);
  const { status, stderr } = await place.tsrkt('image', 'copy', publish(registry), 'oci:layout');
  assert.equal(status, 0);
  assert.match(stderr, /^copy: only the index above the image, sha256:\w+, is signed: --all copies it, with/);
});

const referring = (subject: Document, more: object = {}) =>
  document(OCI_MANIFEST, { ...JSON.parse(image.bytes.toString()), subject: describe(subject), ...more });

test('image copy takes nothing along that a registry says refers to the image, and does not', async () => {
  await using place = await copyPlace();
  const { registry } = place;
  const app = publish(registry);
  const lie = referring(second);
  registry.addDocument('app', lie.digest, lie);
  const gone = { ...describe(lie), digest: `sha256:${'1'.repeat(64)}` };
  const list = document(OCI_INDEX, {
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: [describe(lie), gone, describe(image)],
  });
  registry.misbehave(/referrers/, answer(list.bytes, { 'content-type': OCI_INDEX }));
  await place.copy(app, `docker://${registry.host}/again:v1`);
  assert.deepEqual(
    [...registry.manifests.keys()].filter((key) => key.startsWith('again ')).sort(),
    [`again ${image.digest}`, 'again v1'].sort(),
  );
});

test('image copy refuses more referrers than one copy may have, and names the way out', async () => {
  await using place = await copyPlace();
  const { registry } = place;
  const app = publish(registry);
  const list = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: Array(500).fill(describe(image)) };
  registry.misbehave(/referrers/, answer(JSON.stringify(list), { 'content-type': OCI_INDEX }));
  const to = `docker://${registry.host}/again:v1`;
  const { status, stderr } = await place.tsrkt('image', 'copy', app, to);
  assert.equal(status, 254);
  assert.match(stderr, /too many artifacts refer to it\nhint: copy it with --no-signatures\n$/);
  assert.ok(!registry.manifests.has('again v1'));
  await place.copy('--no-signatures', app, to);
});

test('image copy gives an artifact in a layout no name that its author chose', async () => {
  await using place = await copyPlace({ referrers: true });
  const { registry } = place;
  const app = publish(registry);
  const named = { artifactType: 'text/x', annotations: { 'org.opencontainers.image.ref.name': 'v1' } };
  const artifact = referring(image, named);
  registry.addDocument('app', artifact.digest, artifact);
  await place.copy(app, 'oci:layout:v1');
  assert.equal(await place.copy('oci:layout:v1', 'oci-archive:again.tar'), image.digest);
  assert.equal(await place.copy('oci:layout', 'oci-archive:third.tar'), image.digest);
});

test('image copy takes simple signing signatures to where the configuration says, and says so where there is no such place', async () => {
  await using place = await copyPlace();
  const { registry, path } = place;
  const app = publish(registry);
  mkdirSync(join(path, 'etc/registries.d'), { recursive: true });
  writeFileSync(
    join(path, 'etc/registries.d/signatures.yaml'),
    `docker:
  ${registry.host}/app: {lookaside: "file://${path}/from"}
  ${registry.host}/again: {lookaside: "https://localhost:1/", lookaside-staging: "file://${path}/to"}
  ${registry.host}/nowhere: {lookaside: "https://localhost:1/"}
`,
  );
  const directory = (base: string, repository: string) =>
    join(path, base, `${repository}@${image.digest.replace(':', '=')}`);
  for (const [base, repository] of [
    ['from', 'app'],
    ['to', 'again'],
  ] as const)
    mkdirSync(directory(base, repository), { recursive: true });
  writeFileSync(join(directory('from', 'app'), 'signature-1'), 'one');
  writeFileSync(join(directory('from', 'app'), 'signature-2'), 'two');
  writeFileSync(join(directory('to', 'again'), 'signature-1'), 'two');
  const to = (repository: string) => `docker://${registry.host}/${repository}:v1`;
  for (let twice = 0; twice < 2; twice++) await place.copy(app, to('again'));
  const texts = ['signature-1', 'signature-2'].map((name) =>
    readFileSync(join(directory('to', 'again'), name), 'utf8'),
  );
  assert.deepEqual(texts, ['two', 'one']);
  assert.ok(!existsSync(join(directory('to', 'again'), 'signature-3')));
  for (const elsewhere of ['oci:layout', to('nowhere')]) {
    const { status, stderr } = await place.tsrkt('image', 'copy', app, elsewhere);
    assert.equal(status, 0);
    assert.match(stderr, /^copy: simple signing signatures stay behind: ".*" has no place for them$/m);
  }
});

test('image copy takes no name that leads out of where signatures are kept', async () => {
  await using place = await copyPlace();
  const app = publish(place.registry);
  for (const name of ['../x', 'a/../../x', '%2e%2e/x']) {
    const { status, stderr } = await place.tsrkt('image', 'copy', app, `docker://localhost:1/${name}:v1`);
    assert.equal(status, 254);
    assert.match(stderr, /invalid reference format/);
  }
});
