import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { loadAuthConfig } from '../../../../../image/registry/auth/auth-config.ts';
import { authorizeGet } from '../../../../../image/registry/auth/authorize.ts';
import { askCredentialHelper } from '../../../../../image/registry/auth/credential-helper.ts';
import { credentialsFinder } from '../../../../../image/registry/auth/find-credentials.ts';

const root = mkdtempSync(join(tmpdir(), 'tsrkt-auth-'));
after(() => rmSync(root, { recursive: true }));

function write(path: string, content: object | string): string {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, typeof content === 'string' ? content : JSON.stringify(content));
  return full;
}

const basic = (domains: string[], user: string) => ({
  rktKind: 'auth',
  rktVersion: 'v1',
  domains,
  type: 'basic',
  credentials: { user, password: 'pw' },
});
const docker = (registries: string[], user: string) => ({
  rktKind: 'dockerAuth',
  rktVersion: 'v1',
  registries,
  credentials: { user, password: 'pw' },
});

test('loadAuthConfig() reads system, local and user directories, the later winning host by host', () => {
  write('system/auth.d/a.json', basic(['a.example', 'b.example'], 'system'));
  write('local/auth.d/b.json', basic(['b.example'], 'local'));
  write('local/auth.d/docker.json', docker(['docker.io'], 'local'));
  write('local/auth.d/ignored.conf', 'not json');
  symlinkSync('/etc/passwd', join(root, 'local/auth.d/link.json'));
  const config = loadAuthConfig(['system', 'local', 'missing'].map((name) => join(root, name)));
  const header = (url: string) => authorizeGet(config, new URL(url), new Date()).authorization;
  const as = (user: string) => `Basic ${Buffer.from(`${user}:pw`).toString('base64')}`;
  assert.equal(header('https://a.example/x'), as('system'));
  assert.equal(header('https://b.example/x'), as('local'));
  assert.equal(header('http://a.example/x'), undefined);
  assert.equal(header('https://c.example/x'), undefined);
  assert.equal(config.registries.get('docker.io')?.user, 'local');
});

test('authorizeGet() knows oauth and aws', () => {
  const common = { rktKind: 'auth', rktVersion: 'v1' };
  write('kinds/auth.d/o.json', {
    ...common,
    domains: ['o.example'],
    type: 'oauth',
    credentials: { token: 't' },
  });
  const credentials = { accessKeyID: 'id', secretAccessKey: 'key', awsRegion: 'eu-west-1' };
  write('kinds/auth.d/a.json', { ...common, domains: ['s.example'], type: 'aws', credentials });
  const config = loadAuthConfig([join(root, 'kinds')]);
  assert.equal(authorizeGet(config, new URL('https://o.example/'), new Date()).authorization, 'Bearer t');
  const signed = authorizeGet(config, new URL('https://s.example/x y'), new Date(0));
  assert.match(signed.authorization ?? '', /^AWS4-HMAC-SHA256 Credential=id\/19700101\/eu-west-1\/s3\//);
});

const bad: [what: string, content: object, message: RegExp][] = [
  [
    'kind',
    { ...basic(['a.example'], 'u'), rktKind: 'paths' },
    /rktKind: expected one of "auth", "dockerAuth", got "paths"/,
  ],
  ['version', { ...basic(['a.example'], 'u'), rktVersion: 'v2' }, /rktVersion: expected "v1", got "v2"/],
  ['type', { ...basic(['a.example'], 'u'), type: 'digest' }, /type: expected one of "basic", "oauth", "aws"/],
  ['field', { ...basic(['a.example'], 'u'), domain: 'x' }, /domain: unknown field/],
  ['empty list of hosts', basic([], 'u'), /domains: no host is given/],
  ['user', docker(['a.example'], ''), /credentials\.user: expected a non-empty string/],
];

for (const [index, [what, content, message]] of bad.entries())
  test(`loadAuthConfig() refuses a bad ${what}, naming the file`, () => {
    const file = write(`bad${index}/auth.d/x.json`, content);
    assert.throws(
      () => loadAuthConfig([join(root, `bad${index}`)]),
      (error: Error) => error.message.startsWith(file) && message.test(error.message),
    );
  });

test('loadAuthConfig() refuses a host given twice in one directory', () => {
  write('twice/auth.d/a.json', basic(['a.example'], 'u'));
  write('twice/auth.d/b.json', basic(['a.example'], 'v'));
  assert.throws(() => loadAuthConfig([join(root, 'twice')]), /b\.json: .*"a\.example" is already specified/);
});

const none = { domains: new Map(), registries: new Map() };
const entry = (user: string) => ({ auth: Buffer.from(`${user}:pw`).toString('base64') });

test('credentialsFinder() looks in our own configuration, then in the files of the environment in order', async () => {
  const named = write('named.json', { auths: { 'n.example': entry('named') } });
  write('run/containers/auth.json', { auths: { 'n.example': entry('run'), 'c.example': entry('run') } });
  write('home/.docker/config.json', {
    auths: { 'c.example': entry('docker'), 'd.example': entry('docker') },
  });
  const env = { REGISTRY_AUTH_FILE: named, XDG_RUNTIME_DIR: join(root, 'run'), HOME: join(root, 'home') };
  const own = { ...none, registries: new Map([['registry-1.docker.io', { user: 'own', password: 'pw' }]]) };
  const find = credentialsFinder(own, env);
  const user = async (name: string) => ((await find(name)) as { user?: string } | undefined)?.user;
  assert.equal(await user('docker.io/library/x'), 'own');
  assert.equal(await user('n.example/x'), 'named');
  assert.equal(await user('c.example/x'), 'run');
  assert.equal(await user('d.example/x'), 'docker');
  assert.equal(await user('e.example/x'), undefined);
});

test('credentialsFinder() refuses to go on without a file that was named', async () => {
  const find = credentialsFinder(none, { REGISTRY_AUTH_FILE: join(root, 'missing.json') });
  await assert.rejects(find('a.example/x'), { code: 'ENOENT' });
});

function helper(name: string, script: string): void {
  const path = write(`bin/docker-credential-${name}`, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

test('askCredentialHelper() speaks the protocol of docker-credential-helpers', async () => {
  const before = process.env['PATH'];
  process.env['PATH'] = `${join(root, 'bin')}:${before}`;
  after(() => {
    process.env['PATH'] = before;
  });
  helper(
    'good',
    `read server; printf '{"ServerURL":"%s","Username":"me at %s","Secret":"pw"}' "$server" "$server"`,
  );
  helper('token', `printf '{"ServerURL":"x","Username":"<token>","Secret":"t"}'`);
  helper('none', `echo credentials not found in native keychain; exit 1`);
  helper('broken', `printf 'oh\\033[2J no'; exit 1`);
  assert.deepEqual(await askCredentialHelper('good', 'r.example'), {
    user: 'me at r.example',
    password: 'pw',
  });
  assert.deepEqual(await askCredentialHelper('token', 'r.example'), { identityToken: 't' });
  assert.equal(await askCredentialHelper('none', 'r.example'), undefined);
  await assert.rejects(askCredentialHelper('broken', 'r.example'), /exit status 1: "oh\\u001b\[2J no"$/);
  await assert.rejects(askCredentialHelper('missing', 'r.example'), { code: 'ERR_CREDENTIAL_HELPER' });
  await assert.rejects(askCredentialHelper('../../bin/x', 'r.example'), /not the name of a program/);
});
