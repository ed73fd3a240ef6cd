import assert from 'node:assert/strict';
import { test } from 'node:test';
import { respondToRegistration } from '../../../../stage0/metadata/register.ts';
import { makeRegistry } from '../../../../stage0/metadata/registry.ts';
import { respond } from '../../../../stage0/metadata/respond.ts';

const uuid = '6733c088-a507-4694-aabf-9b6e3f1a5c55';
const token = 'ab'.repeat(16);
const id = `sha512-${'0'.repeat(128)}`;
const annotations = [{ name: 'a/b', value: 'of the pod' }];
const image = { acKind: 'ImageManifest', acVersion: '0.8.11', name: 'example.com/web' };
const manifest = {
  acKind: 'PodManifest',
  acVersion: '0.8.11',
  apps: [{ name: 'web', image: { id } }],
  annotations,
};
const apps = {
  web: {
    id,
    manifest: {
      ...image,
      annotations: [
        { name: 'x', value: 'image' },
        { name: 'y', value: 'image' },
      ],
    },
    annotations: [{ name: 'x', value: 'app' }],
  },
};

function service() {
  const registry = makeRegistry([], { save: () => {}, forget: () => {} });
  const put = { method: 'PUT', path: `/pods/${uuid}`, body: JSON.stringify({ token, manifest, apps }) };
  const registered = respondToRegistration(registry, 18112, put);
  assert.deepEqual([registered.status, registered.body], [200, '18112'], registered.body);
  return { registry, key: Buffer.alloc(64, 7) };
}

const mine = service();
const get = (path: string) =>
  respond(mine, { method: 'GET', path: `/${token}/acMetadata/v1/${path}`, body: '' });
const post = (path: string, form: Record<string, string>) =>
  respond(mine, {
    method: 'POST',
    path: `/${token}/acMetadata/v1/pod/hmac/${path}`,
    body: new URLSearchParams(form).toString(),
  });

test('the metadata service answers for the pod: text as text/plain, documents as JSON', () => {
  assert.deepEqual(get('pod/uuid'), { status: 200, type: 'text/plain; charset=us-ascii', body: uuid });
  assert.equal(get('pod/annotations/a/b').body, 'of the pod');
  assert.deepEqual(JSON.parse(get('pod/annotations').body), annotations);
  assert.equal(get('pod/manifest').type, 'application/json');
  assert.equal(JSON.parse(get('pod/manifest').body).apps[0].name, 'web');
});

test("the metadata service answers for an app: its image's annotations, the pod's own above them", () => {
  assert.equal(get('apps/web/image/id').body, id);
  assert.equal(JSON.parse(get('apps/web/image/manifest').body).name, 'example.com/web');
  assert.deepEqual(
    [get('apps/web/annotations/x').body, get('apps/web/annotations/y').body],
    ['app', 'image'],
  );
  assert.equal(get('apps/other/image/id').status, 404);
  assert.equal(get('apps/__proto__/image/id').status, 404);
});

test('a signature is verified, of this pod alone and this content alone', () => {
  const signature = post('sign', { content: 'text' }).body;
  assert.equal(Buffer.from(signature, 'base64').length, 64);
  assert.equal(post('verify', { content: 'text', uuid, signature }).status, 200);
  assert.equal(post('verify', { content: 'texts', uuid, signature }).status, 403);
  assert.equal(post('verify', { content: 'text', uuid: uuid.replace('6', '7'), signature }).status, 403);
  assert.equal(post('verify', { content: 'text', uuid, signature: '' }).status, 403);
  assert.equal(post('sign', {}).status, 400);
});

test('who has no token is told nothing, and nothing else is done than the spec says', () => {
  const request = { method: 'GET', path: `/${'0'.repeat(32)}/acMetadata/v1/pod/uuid`, body: '' };
  assert.equal(respond(mine, request).status, 401);
  assert.equal(get('pod/nothing').status, 404);
  assert.equal(
    respond(mine, { method: 'DELETE', path: `/${token}/acMetadata/v1/pod/uuid`, body: '' }).status,
    405,
  );
});

test('a pod is forgotten, and what is no registration refused', () => {
  const { registry } = service();
  const ask = (method: string, path: string, body = '') =>
    respondToRegistration(registry, 1, { method, path, body }).status;
  assert.equal(ask('PUT', `/pods/${uuid}`, '{"token":"short"}'), 400);
  assert.equal(ask('PUT', '/pods/..', '{}'), 404);
  assert.equal(ask('DELETE', `/pods/${uuid}`), 200);
  assert.equal(registry.byToken(token), undefined);
});
