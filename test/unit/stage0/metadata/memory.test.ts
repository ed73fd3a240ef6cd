import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseUuid } from '../../../../schema/uuid.ts';
import { openMemory } from '../../../../stage0/metadata/memory.ts';
import { makeRegistry } from '../../../../stage0/metadata/registry.ts';

const uuid = parseUuid('6733c088-a507-4694-aabf-9b6e3f1a5c55');
const other = parseUuid('0f3b2c4d-1111-4222-8333-444455556666');
const token = 'ab'.repeat(16);
const manifest = { acKind: 'PodManifest', acVersion: '0.8.11', apps: [] };
const registration = Buffer.from(JSON.stringify({ token, manifest, apps: {} }));
const all = { isWanted: () => true, onWarning: (warning: string) => assert.fail(warning) };

function place() {
  const data = mkdtempSync(join(tmpdir(), 'tsrkt-memory-'));
  const files = () => readdirSync(join(data, 'metadata')).sort();
  return {
    data,
    files,
    path: (name: string) => join(data, 'metadata', name),
    [Symbol.dispose]: () => rmSync(data, { recursive: true }),
  };
}

function keyOf(data: string): string {
  using memory = openMemory(data, all);
  assert.equal(memory.key.length, 64);
  return memory.key.toString('hex');
}

test('the key is made once, and nobody else can read it', () => {
  using me = place();
  using another = place();
  const mask = process.umask(0);
  try {
    assert.equal(keyOf(me.data), keyOf(me.data));
  } finally {
    process.umask(mask);
  }
  assert.notEqual(keyOf(me.data), keyOf(another.data));
  assert.equal(statSync(me.path('key')).mode & 0o777, 0o600);
  assert.equal(statSync(me.path('.')).mode & 0o777, 0o700);
});

test('a key that is damaged is refused, not replaced', () => {
  using me = place();
  keyOf(me.data);
  writeFileSync(me.path('key'), 'ab'.repeat(63));
  assert.throws(() => openMemory(me.data, all), {
    code: 'ERR_METADATA_MEMORY',
    message: `read ${me.path('key')}: not 64 bytes in hexadecimal`,
  });
  assert.equal(readFileSync(me.path('key'), 'utf8'), 'ab'.repeat(63));
});

test('what one process has open is refused to a second, until it is let go of', () => {
  using me = place();
  {
    using _memory = openMemory(me.data, all);
    assert.throws(() => openMemory(me.data, all), {
      code: 'ERR_METADATA_MEMORY',
      message: `serve the metadata of pods in ${me.data}: another service does`,
    });
  }
  keyOf(me.data);
});

test('registrations are there again, word for word, those of ended pods and half written ones are removed', () => {
  using me = place();
  {
    using memory = openMemory(me.data, all);
    memory.save(uuid, registration);
    memory.save(other, registration);
    assert.equal(statSync(me.path(`${uuid}.json`)).mode & 0o777, 0o600);
  }
  writeFileSync(me.path(`${uuid}.json.7.new`), '{"token');
  using memory = openMemory(me.data, { ...all, isWanted: (each) => each === uuid });
  assert.deepEqual(memory.pods, [{ uuid, token, manifest, apps: {} }]);
  assert.deepEqual(me.files(), [`${uuid}.json`, 'key']);
  assert.equal(readFileSync(me.path(`${uuid}.json`), 'utf8'), `${registration}`);
});

test('a damaged registration is warned about once, and costs the others nothing', () => {
  using me = place();
  {
    using memory = openMemory(me.data, all);
    memory.save(uuid, registration);
    memory.save(other, Buffer.from('{"token":"short"}'));
  }
  const warnings: string[] = [];
  {
    using memory = openMemory(me.data, { ...all, onWarning: (warning) => void warnings.push(warning) });
    assert.deepEqual(
      memory.pods.map((pod) => pod.uuid),
      [uuid],
    );
  }
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0] ?? '',
    /^a pod is not known any more: .*0f3b2c4d.*\.json: token: expected a token of 32 hexadecimal digits/,
  );
  using _again = openMemory(me.data, all);
});

test('a registry keeps what is added, and forgets what is removed or swept, on the disk too', () => {
  using me = place();
  using memory = openMemory(me.data, all);
  const registry = makeRegistry(memory.pods, memory);
  const pod = { uuid, token, manifest, apps: {} } as unknown as Parameters<typeof registry.add>[0];
  registry.add(pod, registration);
  registry.add({ ...pod, uuid: other, token: 'cd'.repeat(16) }, registration);
  assert.equal(registry.byToken(token)?.uuid, uuid);
  registry.remove(uuid);
  assert.equal(registry.byToken(token), undefined);
  assert.deepEqual(me.files(), [`${other}.json`, 'key']);
  registry.sweep(() => false);
  assert.deepEqual(me.files(), ['key']);
});
