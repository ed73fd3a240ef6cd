import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { podManifest } from '../../../../schema/pod-manifest.ts';
import { parseUuid } from '../../../../schema/uuid.ts';
import { registerPod } from '../../../../stage0/metadata/client.ts';
import { listenUnix } from '../../linux/listening.ts';

test('registerPod() does not wait for ever where somebody listens, but no service comes', async () => {
  const data = mkdtempSync(join(tmpdir(), 'tsrkt-client-'));
  using _systemd = listenUnix(join(data, 'metadata-svc.sock'));
  const pod = {
    uuid: parseUuid('6733c088-a507-4694-aabf-9b6e3f1a5c55'),
    manifest: podManifest({ acKind: 'PodManifest', acVersion: '0.8.11', apps: [] }),
    images: [],
  };
  await assert.rejects(registerPod(data, pod, 200), {
    code: 'ERR_METADATA',
    message: 'register with the metadata service: no answer within 0.2 seconds',
  });
  rmSync(data, { recursive: true });
});
