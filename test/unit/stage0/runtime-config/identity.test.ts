import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveIdentity, type UserDatabase } from '../../../../stage0/runtime-config/identity.ts';

const image: UserDatabase = {
  passwd: () =>
    'root:x:0:0::/root:/bin/sh\nbroken\nweb:x:101:102::/:/bin/false\nweb:x:7:7::/:\n:x:9:9::/:\nbig:x:4294967295:1::/:\n1:x:55:55::/:',
  group: () => 'root:x:0:\nstaff:x:50:web\nempty:x::',
  ownerOf: (path) => (path === '/srv/data' ? { uid: 33, gid: 44 } : undefined),
};
const bare: UserDatabase = { passwd: () => undefined, group: () => undefined, ownerOf: () => undefined };

function resolve(user: string, group: string, database = image, isConverted = false) {
  const { uid, gid } = resolveIdentity(
    { app: 'a', user, group, supplementaryGids: [], isConverted },
    database,
  );
  return [uid, gid];
}

const good: readonly [user: string, group: string, uid: number, gid: number][] = [
  ['root', 'root', 0, 0],
  ['0', '0', 0, 0],
  ['1000', '2000', 1000, 2000],
  ['1', '1', 1, 1],
  ['web', 'staff', 101, 50],
  ['/srv/data', '/srv/data', 33, 44],
  ['4294967294', '0', 4294967294, 0],
];

for (const [user, group, uid, gid] of good)
  test(`resolveIdentity() of ${user}:${group} is ${uid}:${gid}`, () => {
    assert.deepEqual(resolve(user, group), [uid, gid]);
  });

test('resolveIdentity() of root needs no files in the image', () => {
  assert.deepEqual(resolve('root', 'root', bare), [0, 0]);
});

test('resolveIdentity() takes the groups of a user for an image of OCI or Docker that names no group', () => {
  const request = { app: 'a', supplementaryGids: [9], isConverted: true };
  const web = { uid: 101, gid: 102, additionalGids: [9, 50] };
  assert.deepEqual(resolveIdentity({ ...request, user: 'web', group: 'web' }, image), web);
  assert.deepEqual(resolveIdentity({ ...request, user: '101', group: '101' }, image), web);
  assert.deepEqual(resolve('web', 'staff', image, true), [101, 50]);
  assert.deepEqual(resolve('1000', '1000', image, true), [1000, 1000]);
  assert.deepEqual(resolve('0', '0', bare, true), [0, 0]);
  assert.throws(() => resolve('web', 'web'), { message: 'app "a": "web" group not found' });
});

const bad: readonly [user: string, group: string, message: string][] = [
  ['nobody', '0', 'app "a": "nobody" user not found'],
  ['0', 'nobody', 'app "a": "nobody" group not found'],
  ['broken', '0', 'app "a": "broken" user not found'],
  ['0', 'empty', 'app "a": "empty" group not found'],
  ['big', '0', 'app "a": "big" user not found'],
  ['4294967295', '0', 'app "a": "4294967295" user not found'],
  ['-1', '0', 'app "a": "-1" user not found'],
  ['/nope', '0', 'app "a": Failed to stat "/nope": No such file or directory'],
  ['0', '/nope', 'app "a": Failed to stat "/nope": No such file or directory'],
];

for (const [user, group, message] of bad)
  test(`resolveIdentity() of ${user}:${group} says: ${message}`, () => {
    assert.throws(() => resolve(user, group), { message, code: 'ERR_UNKNOWN_USER' });
  });
