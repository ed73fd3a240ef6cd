import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startDockerRegistry } from '../registry/docker-registry.ts';
import { certificate } from '../registry/pulling.ts';
import { type TrustPlace, trustPlace } from './trust-place.ts';

const missing = ['skopeo', 'docker-registry'].filter((tool) => spawnSync('which', [tool]).status !== 0);
const why = missing.length > 0 ? `not installed: ${missing.join(', ')}` : 'needs root';
const skip = missing.length > 0 || process.getuid?.() !== 0 ? why : false;

const env = { SSL_CERT_FILE: certificate.certFile };

/** Where skopeo writes signatures and tsrkt reads them: a directory, as containers-registries.d(5) lets one say. */
function shareLookaside(place: TrustPlace, host: string): string {
  const directory = join(place.path, 'etc/registries.d');
  const lookaside = `file://${join(place.path, 'lookaside')}`;
  mkdirSync(directory, { recursive: true });
  const scope = `{lookaside: '${lookaside}', lookaside-staging: '${lookaside}'}`;
  writeFileSync(join(directory, '10.yaml'), `docker: {'${host}': ${scope}}\n`);
  return directory;
}

/** Copies an archive into the registry, signed by skopeo as the name it has there. */
function push(place: TrustPlace, registriesD: string, to: string, signer?: string): void {
  const sign = signer === undefined ? [] : ['--sign-by', signer];
  const archive = join(place.path, 'image.tar');
  const args = [
    `--registries.d=${registriesD}`,
    'copy',
    '-q',
    ...sign,
    `oci-archive:${archive}`,
    `docker://${to}`,
  ];
  execFileSync('skopeo', args, {
    env: { ...process.env, ...env, GNUPGHOME: place.gpg.directory },
    stdio: 'pipe',
  });
}

test('an image that skopeo signed into Debian’s registry runs without a word, one it did not sign is refused', {
  skip,
}, async () => {
  using place = await trustPlace();
  await using registry = await startDockerRegistry(certificate);
  const box = await place.image('box.aci');
  const insecure = '--insecure-options=image';
  await place.tsrkt(['fetch', insecure, box]);
  const exported = await place.tsrkt([
    'image',
    'export',
    '--to=oci-archive',
    'example.com/box',
    join(place.path, 'image.tar'),
  ]);
  assert.equal(exported.status, 0, exported.stderr);
  const registriesD = shareLookaside(place, registry.host);
  push(place, registriesD, `${registry.host}/box:signed`, place.publisher);
  const run = (tag: string) =>
    place.tsrkt(['run', '--net=none', `docker://${registry.host}/box:${tag}`, '--', 'echo hello'], env);

  const untrusted = await run('signed');
  assert.equal(untrusted.status, 254);
  assert.match(untrusted.stderr, /no such key is trusted/);

  await place.trust(`${registry.host}/box`);
  assert.deepEqual(await run('signed'), { status: 0, stdout: 'hello\n', stderr: '' });

  // the same manifest under another tag: the signature names the one it was made for
  push(place, registriesD, `${registry.host}/box:other`);
  const other = await run('other');
  assert.equal(other.status, 254, other.stdout);
  assert.match(other.stderr, /signed|signature/);

  const record = JSON.parse(
    (await place.tsrkt(['trust', 'explain', '--format=json', `docker://${registry.host}/box:signed`])).stdout,
  );
  assert.ok(JSON.stringify(record).includes(place.publisher));
});
