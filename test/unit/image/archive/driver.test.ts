import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drive } from '../../../../image/archive/driver.ts';
import { ArchiveError } from '../../../../image/archive/error.ts';

test('drive() gives up on a reader that takes a header for something else and waits for more', async () => {
  const silent = { on: () => undefined, write: () => true, destroy: () => undefined };
  await assert.rejects(drive(silent).open(Buffer.alloc(512)), ArchiveError);
});
