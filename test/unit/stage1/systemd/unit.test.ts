import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeFor } from '../../../../stage1/systemd/placement.ts';
import { managedPath, unitOfCgroup } from '../../../../stage1/systemd/unit.ts';

test('unitOfCgroup() finds the unit below slices, and that of a user’s manager below the manager', () => {
  const system = { manager: 'system' };
  assert.deepEqual(unitOfCgroup('/system.slice/hello.service'), { ...system, name: 'hello.service' });
  assert.deepEqual(unitOfCgroup('/machine.slice/a-b.slice/x@y.service/supervisor'), {
    ...system,
    name: 'x@y.service',
  });
  assert.deepEqual(unitOfCgroup('/user.slice/user-0.slice/session-1.scope'), {
    ...system,
    name: 'session-1.scope',
  });
  const user = '/user.slice/user-1000.slice/user@1000.service';
  assert.deepEqual(unitOfCgroup(`${user}/app.slice/mine.service`), { manager: 'user', name: 'mine.service' });
  assert.deepEqual(unitOfCgroup(`/system.slice/_cpu.service`), { ...system, name: 'cpu.service' });
  for (const path of ['/', '/user.slice', `${user}/app.slice`, '/docker/abc', '/../outside'])
    assert.equal(unitOfCgroup(path), undefined, path);
});

test('managedPath() is the unified hierarchy’s, or systemd’s own where that is not in use', () => {
  assert.equal(managedPath('2:memory:/x\n1:name=systemd:/a.service\n0::/b.service\n'), '/b.service');
  assert.equal(managedPath('1:name=systemd:/a.service\n0::/\n'), '/a.service');
  assert.equal(managedPath('4:memory:/process\n'), '/');
});

test('placeFor() makes cgroups in what is delegated, nowhere in a service that is not, and else in a scope', () => {
  const service = { name: 'hello.service', manager: 'system' } as const;
  const session = { name: 'session-1.scope', manager: 'system' } as const;
  assert.equal(placeFor({ unit: service, isDelegated: true }), 'own');
  assert.equal(placeFor({ unit: service, isDelegated: false }), 'nowhere');
  assert.equal(placeFor({ unit: session, isDelegated: false }), 'scope');
  assert.equal(placeFor({ unit: undefined, isDelegated: true }), 'scope'); // systemd’s own root
});
