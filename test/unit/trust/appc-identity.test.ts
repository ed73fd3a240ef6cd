import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labels } from '../../../schema/label.ts';
import { refuseOtherManifest } from '../../../trust/appc-identity.ts';

const identity = (name: string, given: Record<string, string>) => ({
  name,
  labels: labels(Object.entries(given).map(([label, value]) => ({ name: label, value }))),
});
const requested = identity('example.com/app', { version: '1.0', os: 'linux' });

test('refuseOtherManifest() accepts the name and labels asked for, and labels besides', () => {
  refuseOtherManifest(requested, identity('example.com/app', { version: '1.0', os: 'linux', arch: 'amd64' }));
});

test('refuseOtherManifest() refuses a manifest of another name, though a trusted key signed it', () => {
  assert.throws(
    () => refuseOtherManifest(requested, identity('example.com/other', { version: '1.0', os: 'linux' })),
    {
      code: 'ERR_SIGNATURE_IDENTITY',
      message: 'image "example.com/app": its manifest is of "example.com/other"',
    },
  );
});

test('refuseOtherManifest() refuses another version, and a manifest without the label', () => {
  assert.throws(
    () => refuseOtherManifest(requested, identity('example.com/app', { version: '0.9', os: 'linux' })),
    {
      message: /requested value for label "version": "1.0" differs from its manifest's: "0.9"/,
    },
  );
  assert.throws(() => refuseOtherManifest(requested, identity('example.com/app', { os: 'linux' })), {
    message: /requested label "version" not provided/,
  });
});
