import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { endless, redirect, slow, status, truncate } from '../registry/faults.ts';
import { certificate } from '../registry/pulling.ts';
import { type Fault, type RegistryOptions, startRegistry, type TestRegistry } from '../registry/registry.ts';
import { document, sampleImage } from '../registry/sample-image.ts';
import { signLegacy } from '../registry/signing.ts';
import { opensslHome } from '../unit/trust/openssl.ts';
import { dist, type Ended, temporaryDirectory } from './executable.ts';

/** The built tsrkt and a registry that can be told to misbehave. */
interface Place extends AsyncDisposable {
  readonly path: string;
  readonly registry: TestRegistry;
  readonly env: Record<string, string>;
  tsrkt(args: readonly string[], env?: Record<string, string>): Promise<Ended>;
  /** `docker://HOST/app:v1` */
  readonly app: string;
}

const busybox = readFileSync('/bin/busybox');
const image = sampleImage(
  [
    [
      { name: 'bin/', type: '5', mode: 0o755 },
      { name: 'bin/busybox', content: busybox, mode: 0o755 },
      { name: 'bin/sh', type: '2', link: 'busybox' },
    ],
    [{ name: 'greeting', content: 'hello from a registry\n', mode: 0o644 }],
  ],
  { Entrypoint: ['/bin/busybox'], Cmd: ['cat', '/greeting'] },
);
const [lowest = '', uppermost = ''] = image.layers;

async function place(options: RegistryOptions = {}): Promise<Place> {
  const { path, [Symbol.dispose]: dispose } = temporaryDirectory();
  const registry = await startRegistry(certificate, options);
  registry.add('app', 'v1', image);
  const usual = { PATH: process.env['PATH'] ?? '', HOME: path, SSL_CERT_FILE: certificate.certFile };
  const tsrkt = (args: readonly string[], env: Record<string, string> = usual) =>
    new Promise<Ended>((resolve) => {
      const all = [`--dir=${join(path, 'data')}`, `--local-config=${join(path, 'etc')}`, ...args];
      const child = execFile(join(dist, 'tsrkt'), all, { env, timeout: 60_000 }, (_, stdout, stderr) =>
        resolve({ status: child.exitCode, stdout, stderr }),
      );
    });
  return {
    path,
    registry,
    env: usual,
    tsrkt,
    app: `docker://${registry.host}/app:v1`,
    [Symbol.asyncDispose]: async () => {
      await registry[Symbol.asyncDispose]();
      dispose();
    },
  };
}

const INSECURE = '--insecure-options=image';
const needsRoot = process.getuid?.() !== 0 && 'needs root';

test('an image of a registry runs, from then on without its registry', { skip: needsRoot }, async () => {
  await using all = await place();
  const run = () => all.tsrkt([INSECURE, 'run', '--net=none', all.app]);
  assert.deepEqual(
    { ...(await run()), stderr: '' },
    { status: 0, stdout: 'hello from a registry\n', stderr: '' },
  );
  const asked = all.registry.seen.length;
  assert.equal((await run()).stdout, 'hello from a registry\n');
  assert.equal(all.registry.seen.length, asked);
});

test('an image nobody signed is refused in one sentence; signed by a key that is trusted it is fetched', async () => {
  await using all = await place();
  const refused = await all.tsrkt(['fetch', all.app]);
  assert.equal(refused.status, 254);
  assert.match(refused.stderr, /^fetch: trust docker:\S+: it has no signature\nhint: .*\n$/);
  using openssl = opensslHome();
  const keyFile = openssl.keyPair('ec:P-256');
  signLegacy(all.registry, 'app', image, { openssl, keyFile });
  const unknown = await all.tsrkt(['fetch', all.app]);
  assert.match(
    unknown.stderr,
    /^fetch: trust .*: cosign signature: no cosign key is trusted for this image\n/,
  );
  writeFileSync(join(all.path, 'cosign.pub'), openssl.publicKey(keyFile));
  const trusted = await all.tsrkt([
    'trust',
    'import',
    '--skip-fingerprint-review',
    `--prefix=${all.registry.host}/app`,
    join(all.path, 'cosign.pub'),
  ]);
  assert.equal(trusted.status, 0, trusted.stderr);
  const fetched = await all.tsrkt(['fetch', '--full', all.app]);
  assert.deepEqual(fetched, { status: 0, stdout: `${image.digest.replace(':', '-')}\n`, stderr: '' });
  const explained = await all.tsrkt(['image', 'inspect', '--format=json', image.digest]);
  assert.equal(JSON.parse(explained.stdout).signatures[0].outcome, 'good');
});

test('credentials of auth.d and of ~/.docker/config.json open a registry that asks for them', async () => {
  await using all = await place({ auth: { scheme: 'bearer', user: 'me', password: 'secret' } });
  const fetch = () => all.tsrkt([INSECURE, 'fetch', all.app]);
  assert.match((await fetch()).stderr, /hint: check the name, and the credentials|get a token from/);
  mkdirSync(join(all.path, '.docker'), { recursive: true });
  const config = { auths: { [all.registry.host]: { auth: btoa('me:secret') } } };
  writeFileSync(join(all.path, '.docker/config.json'), JSON.stringify(config));
  assert.equal((await fetch()).status, 0);
});

test('a registry that cannot prove who it is is refused, unless --insecure-options=tls', async () => {
  await using all = await place();
  const { SSL_CERT_FILE: _, ...env } = all.env;
  const fetch = (options: string) => all.tsrkt([`--insecure-options=${options}`, 'fetch', all.app], env);
  const refused = await fetch('image');
  assert.match(refused.stderr, /certificate/);
  assert.equal(refused.status, 254);
  assert.equal((await fetch('image,tls')).status, 0);
});

test('a registry on plain http needs --insecure-options=http', async () => {
  await using all = await place();
  await using plain = await startRegistry();
  plain.add('app', 'v1', image);
  const fetch = (options: string) =>
    all.tsrkt([`--insecure-options=${options}`, 'fetch', `docker://${plain.host}/app:v1`]);
  assert.equal((await fetch('image')).status, 254);
  const fetched = await fetch('image,http');
  assert.equal(fetched.status, 0, fetched.stderr);
});

test('a mirror is asked first, and what it lacks is fetched from the registry', async () => {
  await using all = await place();
  await using mirror = await startRegistry(certificate);
  mkdirSync(join(all.path, 'etc/registries.d'), { recursive: true });
  const config = { rktKind: 'registry', rktVersion: 'v1', prefix: all.registry.host, mirrors: [mirror.host] };
  writeFileSync(join(all.path, 'etc/registries.d/mirror.json'), JSON.stringify(config));
  assert.equal((await all.tsrkt([INSECURE, 'fetch', all.app])).status, 0);
  assert.ok(mirror.seen.some(({ url }) => url.includes('/manifests/v1')));
  mirror.add('app', 'v2', sampleImage());
  const fromMirror = await all.tsrkt([INSECURE, 'fetch', `docker://${all.registry.host}/app:v2`]);
  assert.equal(fromMirror.status, 0, fromMirror.stderr);
});

const lowestBytes = image.blobs.get(image.layers[0]!)!;

/** What a registry does wrong for a while, and tsrkt gets over. */
const passing: Readonly<Record<string, readonly [RegExp, Fault]>> = {
  'too many requests': [/manifests/, status(429, { 'retry-after': '0' })],
  'an error of its own': [/blobs/, status(503)],
  'half of a layer': [
    new RegExp(`blobs/${lowest}`),
    truncate(lowestBytes.length, lowestBytes.subarray(0, 100_000)),
  ],
  'its answer late': [/blobs/, slow(500)],
};

for (const [what, [match, fault]] of Object.entries(passing))
  test(`a registry that gives ${what} once is asked again`, async () => {
    await using all = await place();
    all.registry.misbehave(match, fault, 1);
    const fetched = await all.tsrkt([INSECURE, 'fetch', all.app]);
    assert.equal(fetched.status, 0, fetched.stderr);
  });

const wrongType = document('application/vnd.oci.image.manifest.v1+json', JSON.parse(image.bytes.toString()));
const both = document(image.mediaType, { ...JSON.parse(image.bytes.toString()), manifests: [] });

/** What no registry may do, and what is said of it. */
const hostile: Readonly<Record<string, readonly [(registry: TestRegistry) => void, RegExp]>> = {
  'other bytes for a layer': [
    ({ blobs }) => blobs.set(uppermost as never, lowestBytes),
    /verify blob|more than/,
  ],
  'an endless manifest': [
    (registry) => registry.misbehave(/manifests/, endless({ 'content-type': image.mediaType })),
    /larger than|more than/,
  ],
  'another content type': [
    ({ manifests }) => manifests.set('app v1', { ...wrongType, mediaType: 'text/html' }),
    /content type "text\/html" is of no image/,
  ],
  'a manifest that is also an index': [
    (registry) => registry.addDocument('app', 'v1', both),
    /manifests: this is a field of an index/,
  ],
  'the layer elsewhere, over http': [
    (registry) => registry.misbehave(/blobs/, redirect('http://localhost:1/')),
    /redirect/,
  ],
  'a manifest of another digest': [
    ({ manifests }) => manifests.set('app v1', { ...image, digest: uppermost as never }),
    /expected sha256:\w+, got sha256:\w+/,
  ],
};

for (const [what, [spoil, message]] of Object.entries(hostile))
  test(`a registry that gives ${what} is refused in one sentence, and nothing is kept`, async () => {
    await using all = await place();
    spoil(all.registry);
    const fetched = await all.tsrkt([INSECURE, 'fetch', all.app]);
    assert.equal(fetched.status, 254);
    assert.match(fetched.stderr.split('\n')[0] ?? '', message);
    assert.equal((await all.tsrkt(['image', 'list', '--no-legend'])).stdout, '');
  });

test('image push and image copy put an image into a registry, where others find it', async () => {
  await using all = await place();
  assert.equal((await all.tsrkt([INSECURE, 'fetch', all.app])).status, 0);
  const to = `docker://${all.registry.host}/pushed:v9`;
  const pushed = await all.tsrkt(['image', 'push', image.digest, to]);
  assert.deepEqual({ ...pushed, stderr: '' }, { status: 0, stdout: `${image.digest}\n`, stderr: '' });
  assert.ok(all.registry.manifests.has('pushed v9'));
  const copied = await all.tsrkt(['image', 'copy', to, `oci:${join(all.path, 'layout')}:v9`]);
  assert.equal(copied.stdout, `${image.digest}\n`);
  const fetched = await all.tsrkt([INSECURE, 'fetch', '--full', `oci:${join(all.path, 'layout')}:v9`]);
  assert.equal(fetched.stdout, `${image.digest.replace(':', '-')}\n`);
});
