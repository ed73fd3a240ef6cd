import type { Hierarchy } from '../../../../linux/cgroup.ts';

/** Hosts to plan cgroups for. */
export function v1(...controllers: readonly string[]): Hierarchy {
  const mountPoint = `/sys/fs/cgroup/${controllers.join(',')}`;
  const own = `${mountPoint}/own`;
  return { version: 1, controllers, ownControllers: controllers, mountPoint, own, ownership: 'foreign' };
}

export function v2(ownership: Hierarchy['ownership'], ...controllers: readonly string[]): Hierarchy {
  const mountPoint = '/sys/fs/cgroup';
  const own = ownership === 'root' ? mountPoint : `${mountPoint}/own`;
  return { version: 2, controllers, ownControllers: controllers, mountPoint, own, ownership };
}

export const ALL_V2 = ['cpuset', 'cpu', 'io', 'memory', 'hugetlb', 'pids', 'rdma'] as const;

export const ALL_V1 = [
  v1('name=systemd'),
  v1('cpu', 'cpuacct'),
  v1('cpuset'),
  v1('memory'),
  v1('pids'),
  v1('blkio'),
  v1('devices'),
  v1('freezer'),
] as const;
