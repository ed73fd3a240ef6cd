import { absolutePath, cString, nonEmpty } from '../c-string.ts';
import {
  array,
  boolean,
  type Infer,
  integer,
  matching,
  object,
  oneOf,
  optional,
  record,
  refine,
  uniqueArray,
} from '../decode.ts';
import { DecodeError } from '../decode-error.ts';
import { int64, uint32 } from '../integer.ts';
import { sysctl } from '../sysctl.ts';
import { idMappings } from './id-mapping.ts';
import { linuxResources } from './resources.ts';
import { seccomp } from './seccomp.ts';

export type Linux = Infer<typeof linux>;
export type Namespace = Infer<typeof namespace>;
export type NamespaceType = Namespace['type'];
export type Device = Infer<typeof device>;
export type NetDevice = Infer<typeof netDevice>;
export type TimeOffset = Infer<typeof timeOffset>;
export type Personality = Infer<typeof personality>;
export type IntelRdt = Infer<typeof intelRdt>;
export type MemoryPolicy = Infer<typeof memoryPolicy>;

/** A `path` joins that namespace; without one a new one is made. In a pod, the path `sandbox` means the sandbox's namespace. */
const namespace = object({
  type: oneOf('pid', 'network', 'mount', 'ipc', 'uts', 'user', 'cgroup', 'time'),
  path: optional(matching(/^(?:|sandbox|\/[^\0]*)$/, 'an absolute path')),
});

/** `fileMode` may carry the file type's bits, as stat(2) gives them: containerd sends them so. */
const device = refine(
  object({
    path: absolutePath,
    type: oneOf('c', 'b', 'u', 'p'),
    major: optional(integer(0, 0xffff_ffff)),
    minor: optional(integer(0, 0xffff_ffff)),
    fileMode: optional(uint32),
    uid: optional(uint32),
    gid: optional(uint32),
  }),
  (value, at) => {
    if (value.type !== 'p' && (value.major === undefined || value.minor === undefined))
      throw new DecodeError(at, 'major and minor are needed for every device but a FIFO');
    return value;
  },
);

const netDevice = object({ name: optional(cString) });

const timeOffset = object({ secs: optional(int64), nanosecs: optional(integer(0, 999_999_999)) });

/** The spec knows no flag yet. */
const personality = object({ domain: oneOf('LINUX', 'LINUX32'), flags: optional(array(cString)) });

const line = matching(/^[^\n\0]*$/, 'one line');
const intelRdt = object({
  closID: optional(matching(/^(?:\/|(?!\.\.?$)[^/\0]*)$/, 'the name of a directory in resctrl')),
  schemata: optional(array(line)),
  l3CacheSchema: optional(cString),
  memBwSchema: optional(matching(/^(?:MB:[^\n\0]*)?$/, 'a line that begins with "MB:"')),
  enableMonitoring: optional(boolean),
});

const memoryPolicy = object({
  mode: oneOf(
    'MPOL_DEFAULT',
    'MPOL_BIND',
    'MPOL_INTERLEAVE',
    'MPOL_WEIGHTED_INTERLEAVE',
    'MPOL_PREFERRED',
    'MPOL_PREFERRED_MANY',
    'MPOL_LOCAL',
  ),
  nodes: optional(matching(/^[0-9,-]*$/, 'a list of nodes such as "0-1"')),
  flags: optional(array(oneOf('MPOL_F_NUMA_BALANCING', 'MPOL_F_RELATIVE_NODES', 'MPOL_F_STATIC_NODES'))),
});

/** Propagation of the root mount. The recursive forms are not in the spec, but every engine sends them. */
const propagation = oneOf(
  '',
  'private',
  'shared',
  'slave',
  'unbindable',
  'rprivate',
  'rshared',
  'rslave',
  'runbindable',
);

/** What a container has beside its process on Linux (config-linux.md). */
export const linux = object({
  namespaces: optional(uniqueArray(namespace, (each) => each.type, 'type')),
  uidMappings: optional(idMappings),
  gidMappings: optional(idMappings),
  timeOffsets: optional(record(timeOffset, oneOf('boottime', 'monotonic'))),
  devices: optional(array(device)),
  netDevices: optional(record(netDevice, nonEmpty)),
  cgroupsPath: optional(cString),
  resources: optional(linuxResources),
  intelRdt: optional(intelRdt),
  memoryPolicy: optional(memoryPolicy),
  sysctl: optional(sysctl),
  seccomp: optional(seccomp),
  rootfsPropagation: optional(propagation),
  maskedPaths: optional(array(absolutePath)),
  readonlyPaths: optional(array(absolutePath)),
  mountLabel: optional(cString),
  personality: optional(personality),
});
