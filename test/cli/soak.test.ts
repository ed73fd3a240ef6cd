import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soak } from '../soak/soak.ts';
import { NO_PODS } from './pod-image.ts';

test('pods started and ended in every way, with gc, leave nothing on the machine', {
  skip: NO_PODS,
}, async () => {
  const seed = Date.now() % 1_000_000;
  const { surprises, left } = await soak({ pods: 50, seed, width: 4 });
  assert.deepEqual({ surprises, left }, { surprises: [], left: {} }, `with --seed=${seed}`);
});
