import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startServer } from '../registry/server.ts';
import { opensslHome } from '../unit/trust/openssl.ts';
import { type TrustPlace, trustPlace, tsrktProgram } from './trust-place.ts';
import { DISCOVERY, publish, trustSite } from './trust-site.ts';

/** Runs the program on a terminal on which somebody types these lines. */
function onTerminal(place: TrustPlace, args: readonly string[], typed: string) {
  const command = [tsrktProgram, ...place.global, ...args].map((arg) => `'${arg}'`).join(' ');
  const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
    input: typed,
    encoding: 'utf8',
  });
  return { status, output: stdout.replaceAll('\r', '') };
}

function keyFile({ gpg, publisher }: TrustPlace): string {
  return gpg.file('publisher.asc', gpg.export(publisher));
}

function keyPath({ path, publisher }: TrustPlace, prefix: string): string {
  return join(path, 'etc/trustedkeys/prefix.d', prefix, publisher);
}

const commandLines: readonly [string, RegExp][] = [
  [
    'trust KEY',
    /^trust: aborting due to implicit unbounded trust \(root domain\): name a --prefix, or say --root\n/,
  ],
  ['trust --root --prefix=a KEY', /^trust: --root and --prefix usage mutually exclusive\n/],
  ['trust --prefix=https://a KEY', /^trust: --prefix must not contain a URL scheme, omit https:\/\/\n/],
  ['trust --prefix=a/../b KEY', /^trust: look up keys for "a\/\.\.\/b": not an image name or prefix\n/],
  ['trust --root', /^trust: expected key files or URLs, or a --prefix whose server is asked for keys\n/],
  ['trust --root http://localhost:1/k', /^trust: --insecure-allow-http required for http URLs\n/],
  ['trust --root /nowhere', /^trust: open "\/nowhere": ENOENT \(no such file or directory\)\n/],
  ['trust show 1234', /^show: expected the fingerprint of a key, 40 or 64 hex digits, got "1234"\n/],
  ['trust rm 0000000000000000000000000000000000000000', /^rm: key 0+: the key store does not have it\n/],
  ['trust import --prefix=a KEY', /^import: read key file .*: expected one PEM public key\n/],
];

for (const [line, message] of commandLines)
  test(`tsrkt ${line} says why it does not`, async () => {
    using place = await trustPlace();
    const { status, stderr } = await place.tsrkt(line.replace('KEY', keyFile(place)).split(' '));
    assert.match(stderr, message);
    assert.equal(status, 254);
    assert.equal(existsSync(join(place.path, 'etc/trustedkeys')), false);
  });

test('tsrkt trust shows the fingerprint, asks, and takes a whole yes', async () => {
  using place = await trustPlace();
  const file = keyFile(place);
  const { status, output } = onTerminal(place, ['trust', '--prefix=example.com/box', file], 'y\nyes\n');
  assert.equal(status, 0);
  const path = keyPath(place, 'example.com/box');
  const grouped = (place.publisher.toUpperCase().match(/.{4}/g) ?? [])
    .join(' ')
    .replace(/^((\S+ ){5})/, '$1 ');
  for (const line of [
    'pubkey: prefix: "example.com/box"',
    `key: "${file}"`,
    `gpg key fingerprint is: ${grouped}`,
    '\tPublisher <publisher@example.com>',
    'Are you sure you want to trust this key (yes/no)?',
    "Please enter 'yes' or 'no'",
    `Trusting "${file}" for prefix "example.com/box" after fingerprint review.`,
    `Added key for prefix "example.com/box" at "${path}"`,
  ])
    assert.ok(output.includes(`${line}\n`), `${line} in:\n${output}`);
  assert.match(readFileSync(path, 'utf8'), /^-----BEGIN PGP PUBLIC KEY BLOCK-----/);
});

test('tsrkt trust takes no for an answer, and exits with 0', async () => {
  using place = await trustPlace();
  const file = keyFile(place);
  const { status, output } = onTerminal(place, ['trust', '--root', file], 'no\n');
  assert.equal(status, 0);
  assert.ok(output.includes(`pubkey: not trusting "${file}"\n`), output);
  assert.equal((await place.tsrkt(['trust', 'list', '--no-legend'])).stdout, '');
});

test('tsrkt trust without a terminal refuses, and names the command to run', async () => {
  using place = await trustPlace();
  const file = keyFile(place);
  const { status, stderr } = await place.tsrkt(['trust', '--prefix=example.com/box', file]);
  assert.equal(status, 254);
  assert.ok(
    stderr.endsWith(
      'trust: error reviewing key: unable to ask user to review fingerprint due to lack of tty\n' +
        `hint: if that is the fingerprint you expect: tsrkt trust --prefix example.com/box --skip-fingerprint-review ${file}\n`,
    ),
    stderr,
  );
});

test('trust list, show, mask and rm: what a key is trusted for, and what is not any more', async () => {
  using place = await trustPlace();
  const { publisher, tsrkt } = place;
  const system = join(place.path, 'system/trustedkeys/root.d');
  mkdirSync(system, { recursive: true });
  writeFileSync(join(system, publisher), place.gpg.export(publisher));
  await place.trust('example.com/box');
  const states = async () =>
    JSON.parse((await tsrkt(['trust', 'list', '--format=json'])).stdout).map(
      ({ prefix, origin, state }: Record<string, string>) => `${prefix} ${origin} ${state}`,
    );
  assert.deepEqual(await states(), [' system good', 'example.com/box local good']);
  assert.match(
    (await tsrkt(['trust', 'list'])).stdout,
    /^PREFIX +FINGERPRINT .*\n\(root\) +\w{40} +Publisher <publisher@example\.com> +ed25519 .* system +good\n/,
  );
  assert.match(
    (await tsrkt(['trust', 'show', publisher])).stdout,
    /\ntrusted for +"example\.com\/box" by .* \(local\): good\n$/,
  );
  assert.match(
    (await tsrkt(['trust', 'mask', '--root', publisher])).stdout,
    /^Masked by ".*\/etc\/trustedkeys\/root\.d\/\w{40}"\n$/,
  );
  assert.deepEqual(await states(), [' system masked', 'example.com/box local good']);
  assert.match(
    (await tsrkt(['trust', 'rm', publisher])).stdout,
    /^Removed ".*\/prefix\.d\/example\.com\/box\/\w{40}"\n$/,
  );
  assert.deepEqual(await states(), [' system masked']);
  await tsrkt(['trust', 'rm', '--root', publisher]);
  assert.deepEqual(await states(), [' system good']);
  const vendors = await tsrkt(['trust', 'rm', publisher]);
  assert.match(
    vendors.stderr,
    /^rm: key \w{40} is one of the system's\nhint: it can be masked: tsrkt trust mask\n$/,
  );
});

test("trust import takes cosign's public keys", async () => {
  using place = await trustPlace();
  using openssl = opensslHome();
  const file = place.gpg.file('cosign.pub', openssl.publicKey(openssl.keyPair('ec:P-256')));
  const { stdout } = await place.tsrkt([
    'trust',
    'import',
    '--prefix=registry.example.com/team',
    '--skip-fingerprint-review',
    file,
  ]);
  const [, fingerprint] = /^cosign key fingerprint is: ([0-9a-f]{64}) \(ecdsa-p256\)\n/.exec(stdout) ?? [];
  assert.ok(stdout.endsWith(`/cosign-prefix.d/registry.example.com/team/${fingerprint}"\n`), stdout);
  assert.match(
    (await place.tsrkt(['trust', 'show', String(fingerprint)])).stdout,
    /algorithm +ecdsa-p256 \(cosign\)/,
  );
});

test('trust explain says which key, which prefix, which signature, and what was decided when', async () => {
  using place = await trustPlace();
  const image = await place.image('box.aci');
  place.sign(image);
  await place.trust('example.com');
  await place.tsrkt(['fetch', image]);
  const { status, stdout } = await place.tsrkt(['trust', 'explain', 'example.com/box']);
  assert.equal(status, 0);
  for (const line of [
    /^image +example\.com\/box \(aci\)$/m,
    /^digest +sha512:[0-9a-f]{128}$/m,
    /^let in +\S+, verified: signed by \w{40}, as the key store's rule demands$/m,
    /^signature +good \(openpgp, first seen .*\), made .* by key \w{40}, trusted for "example\.com" by .*$/m,
    /^today +trusted: /m,
  ])
    assert.match(stdout, line);
  await place.tsrkt(['trust', 'rm', place.publisher]);
  const refused = await place.tsrkt(['trust', 'explain', 'example.com/box']);
  assert.equal(refused.status, 254);
  assert.match(
    refused.stdout,
    /^today +not trusted: signature by key \w{40}: no such key is trusted\nnext +if you trust its publisher/m,
  );
});

test('a key is found by discovery while an image is fetched, and taken unseen only if that was said', async () => {
  using place = await trustPlace();
  await using site = await trustSite();
  const image = await place.image('box.aci');
  place.sign(image);
  publish(site.pages, 'box', image);
  site.pages['/keys.asc'] = place.gpg.export(place.publisher);
  const asked = await place.tsrkt(['fetch', 'example.com/box'], site.env);
  assert.equal(asked.status, 254);
  assert.match(
    asked.stderr,
    /due to lack of tty\nfetch: hint: .*--skip-fingerprint-review https:\/\/example\.com\/keys\.asc; --trust-keys-from-https /,
  );
  const unseen = await place.tsrkt(['--trust-keys-from-https', 'fetch', 'example.com/box'], site.env);
  assert.equal(unseen.status, 0, unseen.stderr);
  assert.match(
    unseen.stderr,
    /^Trusting "https:\/\/example\.com\/keys\.asc" for prefix "example\.com\/box" without fingerprint review\.$/m,
  );
  assert.equal(existsSync(keyPath(place, 'example.com/box')), true);
});

test('tsrkt trust --prefix asks the server of the prefix for its keys, over https and nothing else', async () => {
  using place = await trustPlace();
  const key = place.gpg.export(place.publisher);
  await using plain = await startServer((_, response) => response.end(key));
  await using site = await trustSite({ '/box': DISCOVERY, '/keys.asc': key });
  const trust = ['trust', '--prefix=example.com/box', '--skip-fingerprint-review'];
  assert.match((await place.tsrkt(trust, site.env)).stdout, /^Added key for prefix "example\.com\/box" at /m);
  site.pages['/keys.asc'] = (_, response) => response.writeHead(302, { location: plain.origin }).end();
  const downgraded = await place.tsrkt(trust, site.env);
  assert.match(
    downgraded.stderr,
    /^trust: follow redirect from https:\/\/example\.com\/keys\.asc: it leads from https to http:/m,
  );
  assert.equal(plain.seen.length, 0);
  assert.equal((await place.tsrkt([...trust, '--insecure-allow-http'], site.env)).status, 0);
  assert.equal(plain.seen.length, 1);
});

test('an image, a signature and a key made by other tools once and for all', async () => {
  using place = await trustPlace();
  const fixtures = join(import.meta.dirname, '../fixtures');
  await place.tsrkt([
    'trust',
    '--prefix=example.com',
    '--skip-fingerprint-review',
    join(fixtures, 'trust/key-rsa.asc'),
  ]);
  const fetched = await place.tsrkt(['fetch', join(fixtures, 'hello-0.0.1-linux-amd64.aci')]);
  assert.deepEqual(fetched, { status: 0, stdout: 'sha512-60f664472010fa0760310e3db275aa4f\n', stderr: '' });
});
