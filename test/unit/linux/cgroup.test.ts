import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHierarchies } from '../../../linux/cgroup.ts';

/** One line for each hierarchy: version, controllers, mount point and our own directory. */
function show(mountinfo: string, cgroup: string): readonly string[] {
  return parseHierarchies(mountinfo, cgroup).map(
    ({ version, controllers, mountPoint, own }) => `${version} [${controllers}] ${mountPoint} ${own}`,
  );
}

const V2 = '30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate';
const SYSTEMD = '31 23 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd';
const CPU = '32 23 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct';
const MEMORY = '33 23 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory';
const HYBRID = '34 23 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw';

test('a unified host has one hierarchy', () => {
  assert.deepEqual(show(V2, '0::/system.slice/pod.service\n'), [
    '2 [] /sys/fs/cgroup /sys/fs/cgroup/system.slice/pod.service',
  ]);
});

test('a hybrid host has one for each line of /proc/self/cgroup that is mounted', () => {
  const cgroup = '4:memory:/a\n3:cpu,cpuacct:/\n2:pids:/a\n1:name=systemd:/a/b:c\n0::/a\n';
  assert.deepEqual(show([SYSTEMD, CPU, MEMORY, HYBRID].join('\n'), cgroup), [
    '1 [memory] /sys/fs/cgroup/memory /sys/fs/cgroup/memory/a',
    '1 [cpu,cpuacct] /sys/fs/cgroup/cpu,cpuacct /sys/fs/cgroup/cpu,cpuacct',
    '1 [name=systemd] /sys/fs/cgroup/systemd /sys/fs/cgroup/systemd/a/b:c',
    '2 [] /sys/fs/cgroup/unified /sys/fs/cgroup/unified/a',
  ]);
});

test('where only a part of a hierarchy is mounted, paths begin there', () => {
  const part = '30 24 0:26 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw';
  assert.deepEqual(show(part, '0::/docker/abc/x\n'), ['2 [] /sys/fs/cgroup /sys/fs/cgroup/x']);
  assert.deepEqual(show(part, '0::/docker/abc\n'), ['2 [] /sys/fs/cgroup /sys/fs/cgroup']);
  assert.deepEqual(show(part, '0::/docker/abcd\n'), []);
});

test('a cgroup outside of our cgroup namespace is as near as its mount point', () => {
  assert.deepEqual(show(V2, '0::/../other\n'), ['2 [] /sys/fs/cgroup /sys/fs/cgroup']);
});

test('mount points with spaces are undone, other file systems are passed over', () => {
  const odd = '30 24 0:26 / /mnt/my\\040cgroups rw - cgroup2 none rw';
  const tmpfs = '31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755';
  assert.deepEqual(show(`${tmpfs}\n${odd}\n`, '0::/\n'), ['2 [] /mnt/my cgroups /mnt/my cgroups']);
});
