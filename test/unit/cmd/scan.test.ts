import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scan } from '../../../cmd/scan.ts';

const grammar = {
  flags: { app: { kind: 'string', describe: '' }, force: { kind: 'boolean', describe: '' } },
  argumentsAfter: 1,
} as const;

test('scan() leaves alone what follows the word after which another command line begins', async () => {
  const rest = ['ls', '-l', '--app=other', '--', 'x'];
  const tokens = await scan(['--app=web', 'uuid', ...rest], grammar);
  assert.deepEqual(tokens, [
    { kind: 'flag', name: 'app', value: 'web' },
    { kind: 'word', text: 'uuid' },
    { kind: 'arguments', list: rest },
  ]);
});

test('scan() takes a -- before such a command line for what divides, not for its first word', async () => {
  const tokens = await scan(['uuid', '--', '--', 'ls'], grammar);
  assert.deepEqual(tokens.at(-1), { kind: 'arguments', list: ['--', 'ls'] });
});

test('scan() finds no arguments where the words are all there is', async () => {
  const tokens = await scan(['uuid'], grammar);
  assert.deepEqual(tokens, [{ kind: 'word', text: 'uuid' }]);
});
