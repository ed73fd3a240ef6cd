import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needHelpers, planMaps } from '../../../../stage1/user-namespace/plan-maps.ts';

const user = { uid: 1000, gid: 1001, name: 'ann', subuid: '', subgid: '' };
const alone = {
  uids: [{ containerID: 0, hostID: 1000, size: 1 }],
  gids: [{ containerID: 0, hostID: 1001, size: 1 }],
};

test('planMaps() makes the user root, and their ranges the ids from 1 on', () => {
  const maps = planMaps({
    ...user,
    subuid: 'bob:1:1\nann:100000:65536\n',
    subgid: 'ann:200000:10\nann:300000:5',
  });
  assert.deepEqual(maps, {
    uids: [...alone.uids, { containerID: 1, hostID: 100000, size: 65536 }],
    gids: [
      ...alone.gids,
      { containerID: 1, hostID: 200000, size: 10 },
      { containerID: 11, hostID: 300000, size: 5 },
    ],
  });
  assert.equal(needHelpers(maps), true);
});

test('planMaps() finds ranges by uid, also for groups', () => {
  const { uids, gids } = planMaps({ ...user, name: undefined, subuid: '1000:5:5', subgid: '1000:7:7' });
  assert.deepEqual([uids[1]?.hostID, gids[1]?.hostID], [5, 7]);
});

test('planMaps() maps the user alone where there are not both kinds of ids', () => {
  for (const files of [
    {},
    { subuid: 'ann:5:5' },
    { subgid: 'ann:5:5' },
    { subuid: '1001:5:5', subgid: '1001:5:5' },
  ])
    assert.deepEqual(planMaps({ ...user, ...files }), alone);
  assert.equal(needHelpers(alone), false);
});
