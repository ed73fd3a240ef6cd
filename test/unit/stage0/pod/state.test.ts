import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PodDirectory, podState } from '../../../../stage0/pod/state.ts';

const table: readonly [PodDirectory, string, string][] = [
  ['embryo', 'embryo', 'embryo'],
  ['prepare', 'preparing', 'aborted prepare'],
  ['prepared', 'prepared', 'prepared'],
  ['run', 'running', 'exited'],
  ['exited-garbage', 'exited deleting', 'exited garbage'],
  ['garbage', 'deleting', 'garbage'],
];

for (const [directory, locked, unlocked] of table) {
  test(`podState() of a pod in ${directory} is ${locked} while locked, else ${unlocked}`, () => {
    assert.equal(podState(directory, true), locked);
    assert.equal(podState(directory, false), unlocked);
  });
}
