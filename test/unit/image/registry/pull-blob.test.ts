import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBody } from '../../../../image/http/body.ts';
import { verifiedBytes } from '../../../../image/oci/verified-bytes.ts';
import { answer, endless, truncate } from '../../../registry/faults.ts';
import {
  layerBytes,
  layerDescriptor,
  readLayer,
  rejectsWith,
  source,
  start,
} from '../../../registry/pulling.ts';
import { digestOf } from '../../../registry/sample-image.ts';

test('openBlob() goes on where the connection broke', async () => {
  await using registry = await start();
  registry.misbehave(/blobs/, truncate(layerBytes.length, layerBytes.subarray(0, 40)), 1);
  assert.deepEqual(await readLayer(registry), layerBytes);
  assert.equal(registry.seen.filter(({ url }) => url.includes('/blobs/'))[1]?.headers.range, 'bytes=40-');
});

test('openBlob() starts again, and skips, where a registry knows no ranges', async () => {
  await using registry = await start({ ranges: false });
  registry.misbehave(/blobs/, truncate(layerBytes.length, layerBytes.subarray(0, 40)), 1);
  assert.deepEqual(await readLayer(registry), layerBytes);
});

test('openBlob() goes on with a partial blob from an earlier run', async () => {
  await using registry = await start();
  const { start: from, bytes } = await source(registry).openBlob(layerDescriptor, 100);
  assert.equal(from, 100);
  assert.deepEqual(await readBody(bytes), layerBytes.subarray(100));
});

test('verifiedBytes() catches a blob of another digest, a shorter one and a longer one', async () => {
  await using registry = await start();
  const same = Buffer.alloc(layerBytes.length);
  registry.misbehave(/blobs/, answer(same), 1);
  await rejectsWith(readLayer(registry), 'ERR_DIGEST_MISMATCH');
  registry.misbehave(/blobs/, answer(layerBytes.subarray(1)), 1);
  await rejectsWith(readLayer(registry), 'ERR_SIZE_MISMATCH');
  registry.misbehave(/blobs/, answer(Buffer.concat([layerBytes, Buffer.from('x')])), 1);
  await assert.rejects(readLayer(registry), /larger|more than|got more/);
});

test('openBlob() takes no more than the descriptor’s size of a blob that has no end', async () => {
  await using registry = await start();
  registry.misbehave(/blobs/, endless());
  await rejectsWith(readLayer(registry), 'ERR_HTTP_TOO_LARGE');
});

test('verifiedBytes() throws before it passes on a byte too many', async () => {
  const given = (async function* () {
    yield Buffer.from('ab');
    yield Buffer.from('c');
  })();
  const seen: string[] = [];
  const read = async () => {
    for await (const chunk of verifiedBytes(given, { digest: digestOf(Buffer.from('ab')), size: 2 }))
      seen.push(chunk.toString());
  };
  await rejectsWith(read(), 'ERR_SIZE_MISMATCH');
  assert.deepEqual(seen, ['ab']);
});
