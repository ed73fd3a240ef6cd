import type { Mount } from '../../schema/runtime-config.ts';

export interface MountChoices {
  /** The pod's shared memory on the host: one tmpfs for all its apps. */
  readonly shm: string;
  /** `--insecure-options=paths`: /sys can be written. */
  readonly writableSys: boolean;
}

/** The file systems every app has (OCI runtime-spec, config-linux.md "Default Filesystems"; rkt's prepare-app). */
export function defaultMounts({ shm, writableSys }: MountChoices): readonly Mount[] {
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    {
      destination: '/sys',
      type: 'sysfs',
      source: 'sysfs',
      options: ['nosuid', 'noexec', 'nodev', writableSys ? 'rw' : 'ro'],
    },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
    },
    { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: PTS },
    { destination: '/dev/shm', type: 'bind', source: shm, options: ['bind', ...SHM_ATTRIBUTES] },
    {
      destination: '/dev/mqueue',
      type: 'mqueue',
      source: 'mqueue',
      options: ['nosuid', 'noexec', 'nodev'],
    },
  ];
}

/** The sandbox's mount of the pod's shared memory, which its apps bind. */
export function sharedMemory(shm: string): Mount {
  return {
    destination: shm,
    type: 'tmpfs',
    source: 'shm',
    options: [...SHM_ATTRIBUTES, 'mode=1777', 'size=65536k'],
  };
}

/** A file of the pod that every app sees at `destination`. */
export function fileMount(source: string, destination: string): Mount {
  return { destination, type: 'bind', source, options: ['bind', 'nosuid', 'noexec', 'nodev'] };
}

const PTS = ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'];

const SHM_ATTRIBUTES = ['nosuid', 'noexec', 'nodev'];
