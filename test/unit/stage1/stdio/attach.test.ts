import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAttachMode, parseDetachKeys } from '../../../../schema/attach-words.ts';
import { readAttended } from '../../../../stage1/attach/attended.ts';
import { chooseEndpoints } from '../../../../stage1/attach/choose-endpoints.ts';
import { newClient, show, tellEnd } from '../../../../stage1/attach/client.ts';
import { watchKeys } from '../../../../stage1/attach/detach-keys.ts';
import { MESSAGE } from '../../../../stage1/attach/protocol.ts';

test('parseDetachKeys() reads keys as docker does', () => {
  assert.deepEqual(parseDetachKeys('ctrl-p,ctrl-q'), Buffer.of(16, 17));
  assert.deepEqual(parseDetachKeys('ctrl-@,a,ctrl-['), Buffer.of(0, 97, 27));
  assert.deepEqual(parseDetachKeys(''), Buffer.alloc(0));
  for (const bad of ['ctrl-', 'ctrl-1', 'ab', 'a,,b', '\n', `${'a,'.repeat(16)}a`])
    assert.equal(parseDetachKeys(bad), undefined);
});

/** What is typed through, and whether the keys were seen. */
function typed(keys: string, ...pieces: readonly string[]): readonly [string, boolean] {
  const watch = watchKeys(parseDetachKeys(keys) ?? Buffer.alloc(0));
  const results = pieces.map((piece) => watch.next(Buffer.from(piece)));
  return [
    results.map((result) => result.typed.toString()).join('|'),
    results.some(({ isDetached }) => isDetached),
  ];
}

test('watchKeys() finds the keys, however they come, and lets all else through', () => {
  assert.deepEqual(typed('ctrl-p,ctrl-q', 'ab\x10\x11cd'), ['ab', true]);
  assert.deepEqual(typed('ctrl-p,ctrl-q', 'ab\x10', '\x11'), ['ab|', true]);
  assert.deepEqual(typed('ctrl-p,ctrl-q', 'ab\x10', 'c'), ['ab|\x10c', false]);
  assert.deepEqual(typed('ctrl-p,ctrl-q', '\x10\x10\x11'), ['\x10', true]);
  assert.deepEqual(typed('a,a,b', 'aaab'), ['a', true]);
  assert.deepEqual(typed('', '\x10\x11'), ['\x10\x11', false]);
});

test('chooseEndpoints() takes what --mode says, and refuses what is not there', () => {
  const all = ['tty-in', 'tty-out', 'stderr'] as const;
  assert.deepEqual(chooseEndpoints('a', 'auto', all), all);
  assert.deepEqual(chooseEndpoints('a', 'tty', all), ['tty-in', 'tty-out']);
  assert.deepEqual(chooseEndpoints('a', 'stderr,tty-in', all), ['stderr', 'tty-in']);
  assert.throws(() => chooseEndpoints('a', 'stdin', all), {
    code: 'ERR_ATTACH',
    hint: 'it has tty-in, tty-out, stderr',
  });
});

test('what waits for a client is bounded, and it learns how much was left out', () => {
  const client = newClient(-1);
  const bytes = Buffer.alloc(16_384);
  for (let count = 0; count < 1000; count++) show(client, MESSAGE.stdout, bytes);
  assert.ok(client.waitingBytes <= 1 << 20);
  assert.ok(client.lost > 1000 * 16_384 - (1 << 20) - 1);
  tellEnd(client);
  const [lost, end] = client.waiting.slice(-2);
  assert.deepEqual([lost?.[0], end?.[0]], [MESSAGE.lost, MESSAGE.end]);
});

test('readAttended() reads descriptors, and nothing else', () => {
  assert.deepEqual(readAttended(['web', 'listener=5', 'executable=7', 'tty=9']), {
    app: 'web',
    listener: 5,
    executable: 7,
    tty: 9,
  });
  assert.equal(readAttended(['web', 'listener=5']), undefined);
  assert.equal(readAttended([]), undefined);
});

test('isAttachMode() knows the modes of attach, and sets of endpoints', () => {
  for (const mode of ['auto', 'list', 'tty', 'tty-in', 'stdin,stderr', 'tty-out,stdout'])
    assert.ok(isAttachMode(mode), mode);
  for (const mode of ['', 'all', 'stdin,', 'tty,stdin', 'stdin stdout']) assert.ok(!isAttachMode(mode), mode);
});
