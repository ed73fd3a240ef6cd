import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signAwsRequest } from '../../../../../image/registry/auth/aws-signature.ts';
import { parseChallenges } from '../../../../../image/registry/auth/challenge.ts';
import { type DockerConfig, findInDockerConfig } from '../../../../../image/registry/auth/docker-config.ts';
import { isSameSite } from '../../../../../image/registry/auth/same-site.ts';

const challenges: [header: string, expected: unknown][] = [
  ['', []],
  ['Basic', [{ scheme: 'basic', parameters: {} }]],
  ['Basic realm="a, b"', [{ scheme: 'basic', parameters: { realm: 'a, b' } }]],
  [
    'Bearer realm="https://a.example/t",service="r",scope="repository:x:pull,push"',
    [
      {
        scheme: 'bearer',
        parameters: { realm: 'https://a.example/t', service: 'r', scope: 'repository:x:pull,push' },
      },
    ],
  ],
  [
    'Basic realm="x", BEARER Realm=y, service="q\\"uote"',
    [
      { scheme: 'basic', parameters: { realm: 'x' } },
      { scheme: 'bearer', parameters: { realm: 'y', service: 'q"uote' } },
    ],
  ],
  ['realm="nobody\'s"', []],
  [
    'Bearer realm="unclosed',
    [
      { scheme: 'bearer', parameters: {} },
      { scheme: 'realm', parameters: {} },
    ],
  ],
];

for (const [header, expected] of challenges)
  test(`parseChallenges() reads ${header || 'nothing'}`, () =>
    assert.deepEqual(parseChallenges(header), expected));

test('parseChallenges() bounds what it reads', () => {
  assert.ok(parseChallenges('x '.repeat(1 << 20)).length <= 4096);
});

const sites: [a: string, b: string, same: boolean][] = [
  ['registry-1.docker.io', 'auth.docker.io', true],
  ['registry.gitlab.com', 'gitlab.com', true],
  ['localhost', 'localhost', true],
  ['localhost', '127.0.0.1', false],
  ['10.0.0.1', '10.1.0.1', false],
  ['a.co.uk', 'b.co.uk', false],
  ['x.a.co.uk', 'a.co.uk', true],
  ['docker.io', 'docker.io.evil.example', false],
  ['evildocker.io', 'docker.io', false],
  ['com', 'example.com', false],
];

for (const [a, b, same] of sites)
  test(`isSameSite(${a}, ${b}) is ${same}`, () => {
    assert.equal(isSameSite(a, b), same);
    assert.equal(isSameSite(b, a), same);
  });

const basic = (user: string, password: string) => Buffer.from(`${user}:${password}`).toString('base64');

const found: [what: string, config: DockerConfig, name: string, expected: unknown][] = [
  [
    'an entry by host',
    { auths: { 'r.example': { auth: basic('u', 'p:q') } } },
    'r.example/a',
    { credentials: { user: 'u', password: 'p:q' } },
  ],
  [
    'the most specific entry',
    { auths: { 'r.example': { auth: basic('u', 'p') }, 'r.example/a/b': { username: 'v', password: 'w' } } },
    'r.example/a/b/c',
    { credentials: { user: 'v', password: 'w' } },
  ],
  [
    'no entry of a sibling',
    { auths: { 'r.example/a': { auth: basic('u', 'p') } } },
    'r.example/ab',
    undefined,
  ],
  [
    'an entry of the old form',
    { auths: { 'https://r.example/v1/': { auth: basic('u', 'p') } } },
    'r.example/a',
    { credentials: { user: 'u', password: 'p' } },
  ],
  [
    'Docker Hub by its URL',
    { auths: { 'https://index.docker.io/v1/': { auth: basic('u', 'p') } } },
    'docker.io/library/x',
    { credentials: { user: 'u', password: 'p' } },
  ],
  [
    'an identity token',
    { auths: { 'r.example': { identitytoken: 't' } } },
    'r.example/a',
    { credentials: { identityToken: 't' } },
  ],
  [
    'a helper for the host',
    { credHelpers: { 'r.example': 'pass' }, credsStore: 'x' },
    'r.example/a',
    { helper: 'pass', server: 'r.example' },
  ],
  [
    'the helper for all',
    { credsStore: 'x' },
    'docker.io/library/a',
    { helper: 'x', server: 'https://index.docker.io/v1/' },
  ],
  ['nothing in an empty entry', { auths: { 'r.example': {} } }, 'r.example/a', undefined],
  ['nothing', {}, 'r.example/a', undefined],
];

for (const [what, config, name, expected] of found)
  test(`findInDockerConfig() finds ${what}`, () =>
    assert.deepEqual(findInDockerConfig(config, name), expected));

test('signAwsRequest() gives the signature of Amazon’s own example (GET bucket lifecycle)', () => {
  const key = {
    accessKeyID: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  };
  const url = new URL('https://examplebucket.s3.amazonaws.com/?lifecycle');
  const { authorization, headers } = signAwsRequest(url, key, new Date('2013-05-24T00:00:00Z'));
  assert.equal(headers['x-amz-date'], '20130524T000000Z');
  assert.match(
    authorization,
    /Credential=AKIAIOSFODNN7EXAMPLE\/20130524\/us-east-1\/s3\/aws4_request, SignedHeaders=host;/,
  );
  assert.match(authorization, /Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543$/);
});
