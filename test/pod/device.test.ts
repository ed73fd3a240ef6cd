import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Hierarchy } from '../../linux/cgroup.ts';
import type { Resources } from '../../schema/runtime-config.ts';
import { HIERARCHIES, inCgroup, lacks, runScript } from './cgroup-run.ts';

const DENY_ALL: Resources = { devices: [{ allow: false, access: 'rwm' }] };
const WITH_KMSG: Resources = {
  devices: [...DENY_ALL.devices!, { allow: true, type: 'c', major: 1, minor: 11, access: 'r' }],
};

/** Which of these an app may do with devices it makes itself, being root with CAP_MKNOD. */
function attempts(resources: Resources, hierarchies: readonly Hierarchy[]): Record<string, boolean> {
  const directory = mkdtempSync(join(tmpdir(), 'tsrkt-device-'));
  try {
    const results: Record<string, boolean> = {};
    inCgroup(
      resources,
      (cgroup, warnings) => {
        assert.deepEqual(warnings, []);
        const attempt = (name: string, script: string) => {
          results[name] = runScript(`cd ${directory}; ${script}`, { cgroup }).status === 0;
        };
        attempt('make', 'mknod kmsg c 1 11');
        attempt('read', ': < kmsg');
        attempt('write', ': > kmsg');
        attempt('null', 'mknod null c 1 3 && echo x > null && cat null');
      },
      hierarchies,
    );
    return results;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The machine's hierarchies of one version; with v1 out of sight, device rules go to v2. */
const only = (version: 1 | 2) => HIERARCHIES.filter((each) => each.version === version);
const lacksV2 = only(2).length === 0 && 'no cgroup v2 hierarchy on this machine';

for (const [version, skip] of [
  [1, lacks('devices', 1)],
  [2, lacksV2],
] as const) {
  test(`cgroup v${version}: an app can make nodes and open the default devices, no other`, { skip }, () => {
    assert.deepEqual(attempts(DENY_ALL, only(version)), {
      make: true,
      read: false,
      write: false,
      null: true,
    });
  });

  test(`cgroup v${version}: an allowed device has the accesses it was allowed`, { skip }, () => {
    assert.deepEqual(attempts(WITH_KMSG, only(version)), {
      make: true,
      read: true,
      write: false,
      null: true,
    });
  });
}
