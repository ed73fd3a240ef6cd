import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { respondToRegistration } from '../../../../stage0/metadata/register.ts';
import { makeRegistry } from '../../../../stage0/metadata/registry.ts';
import { respond } from '../../../../stage0/metadata/respond.ts';

const uuid = '6733c088-a507-4694-aabf-9b6e3f1a5c55';
const token = 'ab'.repeat(16);
const id = `sha512-${'0'.repeat(128)}`;
const annotations = [{ name: 'a/b', value: 'of the pod' }];
const image = { acKind: 'ImageManifest', acVersion: '0.8.11', name: 'example.com/web' };
const exec = (program: string) => ({ exec: [program], user: '0', group: '0' });
const manifest = {
  acKind: 'PodManifest',
  acVersion: '0.8.11',
  apps: [{ name: 'web', image: { id }, app: exec('/of-the-pod') }],
  annotations,
};
const ofImage = [
  { name: 'x', value: 'image' },
  { name: 'y', value: 'image' },
];
const apps = {
  web: {
    id,
    manifest: { ...image, app: exec('/of-the-image'), annotations: ofImage },
    annotations: [{ name: 'x', value: 'app' }],
  },
};
const ascii = 'text/plain; charset=us-ascii';
const json = 'application/json';
const key = Buffer.alloc(64, 7);

function service() {
  const registry = makeRegistry([], { save: () => {}, forget: () => {} });
  const body = Buffer.from(JSON.stringify({ token, manifest, apps }));
  const registered = respondToRegistration(registry, 18112, { method: 'PUT', path: `/pods/${uuid}`, body });
  assert.deepEqual([registered.status, registered.body], [200, '18112'], registered.body);
  return { registry, key };
}

const mine = service();
const ask = (method: string, path: string, body = '') =>
  respond(mine, { method, path: `/${token}/acMetadata/v1/${path}`, body: Buffer.from(body, 'latin1') });
const get = (path: string) => ask('GET', path);
const post = (path: string, form: Record<string, string>) =>
  ask('POST', `pod/hmac/${path}`, new URLSearchParams(form).toString());

test('pod/uuid is the canonical UUID as us-ascii text', () => {
  assert.deepEqual(get('pod/uuid'), { status: 200, type: ascii, body: uuid });
});

test('pod/manifest is the whole manifest, pod/annotations its annotations, as JSON', () => {
  assert.deepEqual([get('pod/manifest').type, get('pod/annotations').type], [json, json]);
  assert.deepEqual(JSON.parse(get('pod/manifest').body), manifest);
  assert.deepEqual(JSON.parse(get('pod/annotations').body), annotations);
  assert.equal(get('pod/annotations/a/b').body, 'of the pod');
});

test("apps/NAME/annotations are the image's, those of the app in the pod above them, as JSON", () => {
  const { type, body } = get('apps/web/annotations');
  assert.equal(type, json);
  assert.deepEqual(JSON.parse(body), [
    { name: 'y', value: 'image' },
    { name: 'x', value: 'app' },
  ]);
  assert.deepEqual(
    [get('apps/web/annotations/x').body, get('apps/web/annotations/y').body],
    ['app', 'image'],
  );
});

test("apps/NAME/image/manifest is the image's own as JSON, whatever the pod has in its place", () => {
  const { type, body } = get('apps/web/image/manifest');
  assert.equal(type, json);
  assert.deepEqual(JSON.parse(body), apps.web.manifest);
});

test('apps/NAME/image/id is the image ID as us-ascii text', () => {
  assert.deepEqual(get('apps/web/image/id'), { status: 200, type: ascii, body: id });
});

test('pod/hmac/sign answers with a base64 HMAC-SHA512 of the UUID and the content as us-ascii text', () => {
  const { status, type, body } = post('sign', { content: 'text' });
  assert.deepEqual([status, type], [200, ascii]);
  assert.equal(body, createHmac('sha512', key).update(`${uuid}text`).digest('base64'));
});

test('pod/hmac/verify answers 200 to a signature of this pod and this content, 403 to any other', () => {
  const signature = post('sign', { content: 'text' }).body;
  assert.equal(post('verify', { content: 'text', uuid, signature }).status, 200);
  assert.equal(post('verify', { content: 'text', uuid: uuid.toUpperCase(), signature }).status, 200);
  assert.equal(post('verify', { content: 'text', uid: uuid, signature }).status, 200); // older texts of the spec
  assert.equal(post('verify', { content: 'texts', uuid, signature }).status, 403);
  assert.equal(post('verify', { content: 'text', uuid: uuid.replace('6', '7'), signature }).status, 403);
  assert.equal(post('verify', { content: 'text', uuid, signature: '' }).status, 403);
});

test('what is signed is bytes: of those that are no text each is another', () => {
  const { body: signature } = ask('POST', 'pod/hmac/sign', 'content=%ff+%00');
  assert.equal(
    signature,
    createHmac('sha512', key).update(uuid).update('\xff \0', 'latin1').digest('base64'),
  );
  const verify = (content: string) =>
    ask(
      'POST',
      'pod/hmac/verify',
      `content=${content}&uuid=${uuid}&signature=${encodeURIComponent(signature)}`,
    );
  assert.equal(verify('\xff%20%00').status, 200);
  for (const other of ['%fe+%00', '%ef%bf%bd+%00', '%ff+']) assert.equal(verify(other).status, 403, other);
});

test('no part of a content passes for a part of the UUID', () => {
  const signature = post('sign', { content: 'text' }).body;
  assert.equal(post('verify', { content: 'ext', uuid: `${uuid}t`, signature }).status, 400);
  assert.equal(post('verify', { content: `${uuid}text`, uuid: '', signature }).status, 400);
});

test('a form that lacks a field, or has one twice, is refused with 400', () => {
  const signature = post('sign', { content: 'text' }).body;
  const forms: [string, Record<string, string>, string][] = [
    ['sign', {}, 'form: no field "content"'],
    ['verify', { uuid, signature }, 'form: no field "content"'],
    ['verify', { content: 'text', signature }, 'form: no field "uuid"'],
    ['verify', { content: 'text', uuid }, 'form: no field "signature"'],
  ];
  for (const [what, form, body] of forms) {
    const refused = post(what, form);
    assert.deepEqual([refused.status, refused.body], [400, body]);
  }
  const twice = ask('POST', 'pod/hmac/sign', 'content=a&content=b');
  assert.deepEqual([twice.status, twice.body], [400, 'form: a field is given twice: "content"']);
});

test('who has no token is told nothing: 401', () => {
  for (const path of [
    `/${'0'.repeat(32)}/acMetadata/v1/pod/uuid`,
    '/',
    '//acMetadata/v1/pod/uuid',
    `/${uuid}`,
  ])
    assert.equal(respond(mine, { method: 'GET', path, body: Buffer.alloc(0) }).status, 401, path);
});

test('what the spec does not name is not found: 404', () => {
  const strays = [
    '',
    'pod',
    'pod/nothing',
    'pod/uuid/x',
    'pod/hmac',
    'pod/hmac/x',
    'pod/hmac/sign/x',
    'apps',
  ];
  const ofApps = ['apps/web', 'apps/web/image', 'apps/web/image/id/x', 'apps/other/image/id'];
  for (const path of [...strays, ...ofApps, 'apps/__proto__/image/id', 'pod/annotations/x'])
    assert.equal(get(path).status, 404, path);
  const versioned = { method: 'GET', path: `/${token}/acMetadata/v2/pod/uuid`, body: Buffer.alloc(0) };
  assert.equal(respond(mine, versioned).status, 404);
});

test('methods other than the spec’s are refused with 405, and with those there are', () => {
  for (const method of ['POST', 'PUT', 'DELETE']) {
    const { status, allow } = ask(method, 'pod/uuid');
    assert.deepEqual([status, allow], [405, 'GET']);
  }
  const { status, allow } = get('pod/hmac/sign');
  assert.deepEqual([status, allow], [405, 'POST']);
});

test('a pod is forgotten, and what is no registration refused', () => {
  const { registry } = service();
  const register = (method: string, path: string, body = '') =>
    respondToRegistration(registry, 1, { method, path, body: Buffer.from(body) }).status;
  assert.equal(register('PUT', `/pods/${uuid}`, '{"token":"short"}'), 400);
  assert.equal(register('PUT', '/pods/..', '{}'), 404);
  assert.equal(register('GET', `/pods/${uuid}`), 405);
  assert.equal(register('DELETE', `/pods/${uuid}`), 200);
  assert.equal(registry.byToken(token), undefined);
});

test('a registration that cannot be kept is refused in words', () => {
  const save = () => {
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  };
  const registry = makeRegistry([], { save, forget: () => {} });
  const body = Buffer.from(JSON.stringify({ token, manifest, apps }));
  const { status, body: said } = respondToRegistration(registry, 1, {
    method: 'PUT',
    path: `/pods/${uuid}`,
    body,
  });
  assert.deepEqual([status, said], [500, 'ENOSPC: no space left on device, write']);
  assert.equal(registry.byToken(token), undefined);
});
