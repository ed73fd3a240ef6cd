import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDockerReference, parseDockerReference } from '../../../../trust/oci/docker-reference.ts';
import { identityMatch, isIdentityAccepted } from '../../../../trust/oci/identity-match.ts';

const sha = `sha256:${'0'.repeat(64)}`;

test('parseDockerReference() writes out what Docker abbreviates', () => {
  const good: readonly (readonly [string, string])[] = [
    ['alpine', 'docker.io/library/alpine'],
    ['alpine:3', 'docker.io/library/alpine:3'],
    ['team/app', 'docker.io/team/app'],
    ['docker.io/alpine', 'docker.io/library/alpine'],
    ['index.docker.io/team/app', 'docker.io/team/app'],
    ['localhost/app:1', 'localhost/app:1'],
    ['localhost:5000/a/b:1', 'localhost:5000/a/b:1'],
    [`quay.io/a/b:v1@${sha}`, `quay.io/a/b:v1@${sha}`],
  ];
  for (const [text, full] of good) {
    const parsed = parseDockerReference(text);
    assert.equal(parsed && formatDockerReference(parsed), full, text);
  }
});

test('parseDockerReference() knows what is no reference', () => {
  for (const text of [
    '',
    'a b',
    'A/B',
    'x/../y',
    'quay.io/a@sha256:00',
    'quay.io//a',
    'quay.io/a:',
    `a:${'x'.repeat(129)}`,
  ])
    assert.equal(parseDockerReference(text), undefined, text);
});

test('isIdentityAccepted() follows containers-policy.json(5)', () => {
  const modes = ['matchExact', 'matchRepoDigestOrExact', 'matchRepository'];
  const rows: readonly (readonly [requested: string, signed: string, accepted: string])[] = [
    ['q.io/a:1', 'q.io/a:1', 'yes yes yes'],
    ['q.io/a:1', 'q.io/a:2', 'no no yes'],
    ['q.io/a:1', 'q.io/b:1', 'no no no'],
    ['q.io/a:1', 'q.io/a', 'no no yes'],
    [`q.io/a@${sha}`, 'q.io/a:1', 'no yes yes'],
    [`q.io/a@${sha}`, `q.io/a@${sha}`, 'yes yes yes'],
    [`q.io/a@${sha}`, 'q.io/a', 'no no yes'],
    [`q.io/a@${sha}`, 'q.io/b:1', 'no no no'],
    ['q.io/a', 'q.io/a', 'no no yes'],
  ];
  for (const [requested, signed, accepted] of rows) {
    const [wanted, claimed] = [parseDockerReference(requested)!, parseDockerReference(signed)!];
    const got = modes.map((type) =>
      isIdentityAccepted(identityMatch({ type }), wanted, claimed) ? 'yes' : 'no',
    );
    assert.equal(got.join(' '), accepted, `${signed} for ${requested}`);
  }
});

test('isIdentityAccepted() compares with the reference, repository or prefix a policy gives', () => {
  const accepts = (match: unknown, requested: string, signed: string) =>
    isIdentityAccepted(identityMatch(match), parseDockerReference(requested)!, parseDockerReference(signed)!);
  const exact = { type: 'exactReference', dockerReference: 'q.io/a:1' };
  assert.equal(accepts(exact, 'mirror.io/x:9', 'q.io/a:1'), true);
  assert.equal(accepts(exact, 'q.io/a:2', 'q.io/a:2'), false);
  const repository = { type: 'exactRepository', dockerRepository: 'q.io/a' };
  assert.equal(accepts(repository, 'mirror.io/x:9', 'q.io/a:7'), true);
  assert.equal(accepts(repository, 'mirror.io/x:9', 'q.io/b:7'), false);
  const remap = { type: 'remapIdentity', prefix: 'mirror.io/q', signedPrefix: 'q.io' };
  assert.equal(accepts(remap, 'mirror.io/q/a:1', 'q.io/a:1'), true);
  assert.equal(accepts(remap, 'mirror.io/q/a:1', 'q.io/a:2'), false);
  assert.equal(accepts(remap, 'mirror.io/quick/a:1', 'q.io/a:1'), false);
});
