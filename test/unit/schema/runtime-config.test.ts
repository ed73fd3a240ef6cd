import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatJson } from '../../../schema/format-json.ts';
import { decodeJson } from '../../../schema/json.ts';
import { type RuntimeConfig, runtimeConfig } from '../../../schema/runtime-config.ts';
import { keeps, refuses } from './check-decoder.ts';

const minimal = { ociVersion: '1.0.2-dev', root: { path: 'rootfs' } };
const process = { user: { uid: 0, gid: 0 }, args: ['sh'], cwd: '/' };
const withProcess = (more: object): object => ({ ...minimal, process: { ...process, ...more } });
const withLinux = (linux: object): object => ({ ...minimal, linux });

/** Every field of config.json, as the specification lists them. */
const full: RuntimeConfig = {
  ociVersion: '1.2.0',
  process: {
    terminal: true,
    consoleSize: { height: 25, width: 80 },
    user: { uid: 1, gid: 2, umask: 0o22, additionalGids: [5, 6] },
    args: ['sh', '-c', ''],
    env: ['PATH=/bin', 'EMPTY='],
    cwd: '/',
    capabilities: {
      bounding: ['CAP_KILL'],
      effective: ['CAP_KILL'],
      inheritable: [],
      permitted: ['CAP_KILL'],
      ambient: ['CAP_OF_THE_FUTURE'],
    },
    rlimits: [{ type: 'RLIMIT_NOFILE', hard: 18446744073709551615n, soft: 1024n }],
    noNewPrivileges: true,
    apparmorProfile: 'acme_secure_profile',
    selinuxLabel: 'system_u:system_r:svirt_lxc_net_t:s0:c124,c675',
    oomScoreAdj: -1000,
    scheduler: {
      policy: 'SCHED_DEADLINE',
      flags: ['SCHED_FLAG_RECLAIM'],
      runtime: 1n,
      deadline: 2n,
      period: 3n,
    },
    ioPriority: { class: 'IOPRIO_CLASS_IDLE', priority: 4 },
    execCPUAffinity: { initial: '7', final: '0-3,7' },
  },
  root: { path: 'rootfs', readonly: true },
  hostname: 'slartibartfast',
  domainname: 'foobarbaz.test',
  mounts: [
    { destination: '/proc', type: 'proc', source: 'proc' },
    {
      destination: 'data',
      type: 'none',
      source: '/volumes/testing',
      options: ['rbind', 'idmap'],
      uidMappings: [{ containerID: 0, hostID: 1000, size: 1 }],
      gidMappings: [{ containerID: 0, hostID: 4294967295, size: 1 }],
    },
  ],
  hooks: {
    prestart: [{ path: '/usr/bin/fix-mounts', args: ['fix-mounts'], env: ['a=b'], timeout: 5 }],
    poststop: [],
  },
  annotations: { 'com.example.key1': 'value1' },
  linux: {
    namespaces: [
      { type: 'pid' },
      { type: 'network', path: '/proc/1/ns/net' },
      { type: 'ipc', path: 'sandbox' },
    ],
    uidMappings: [{ containerID: 0, hostID: 65536, size: 65536 }],
    gidMappings: [{ containerID: 0, hostID: 65536, size: 65536 }],
    timeOffsets: { monotonic: { secs: -5n, nanosecs: 999_999_999 }, boottime: {} },
    devices: [
      { path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 0o20666, uid: 0, gid: 0 },
      { path: '/dev/fifo', type: 'p' },
    ],
    netDevices: { eth0: { name: 'container_eth0' }, 'eth1.5': {} },
    cgroupsPath: 'machine.slice:tsrkt:x',
    resources: {
      devices: [
        { allow: false, access: 'rwm' },
        { allow: true, type: 'c', major: -1, minor: 3, access: 'r' },
      ],
      memory: { limit: 9223372036854771712n, swap: -1n, swappiness: 0n, disableOOMKiller: false },
      cpu: { shares: 1024n, quota: -1n, period: 500000n, cpus: '2-3', mems: '0-7', idle: 0n },
      pids: { limit: 32771n },
      blockIO: {
        weight: 10,
        weightDevice: [{ major: 8, minor: 0, weight: 500 }],
        throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 600n }],
      },
      hugepageLimits: [{ pageSize: '2MB', limit: 9223372036854772000n }],
      network: { classID: 1048577, priorities: [{ name: 'eth0', priority: 500 }] },
      rdma: { mlx5_1: { hcaHandles: 3, hcaObjects: 10000 } },
      unified: { 'io.max': '259:0 rbps=2097152 wiops=120', 'memory.high': '1' },
    },
    intelRdt: { closID: 'guaranteed_group', schemata: ['L3:0=7f0;1=1f'], memBwSchema: 'MB:0=20;1=70' },
    memoryPolicy: { mode: 'MPOL_INTERLEAVE', nodes: '0-1', flags: ['MPOL_F_STATIC_NODES'] },
    sysctl: { 'net.ipv4.ip_forward': '1' },
    seccomp: {
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrnoRet: 38,
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X32'],
      flags: ['SECCOMP_FILTER_FLAG_LOG'],
      listenerPath: '/run/seccomp.sock',
      listenerMetadata: 'x',
      syscalls: [
        {
          names: ['personality'],
          action: 'SCMP_ACT_ALLOW',
          errnoRet: 1,
          args: [{ index: 0, value: 18446744073709551615n, valueTwo: 0n, op: 'SCMP_CMP_MASKED_EQ' }],
        },
      ],
    },
    rootfsPropagation: 'rslave',
    maskedPaths: ['/proc/kcore'],
    readonlyPaths: ['/proc/sys'],
    mountLabel: 'system_u:object_r:svirt_sandbox_file_t:s0:c715,c811',
    personality: { domain: 'LINUX32', flags: [] },
  },
};

test('runtimeConfig takes every field of the specification, and writes it back', () => {
  keeps(runtimeConfig, [full, minimal, { ociVersion: '0.5.0-dev' }]);
  assert.deepEqual(decodeJson(formatJson(full), runtimeConfig, { what: 'config.json' }), full);
});

test('runtimeConfig ignores unknown fields anywhere ("extensibility")', () => {
  assert.deepEqual(runtimeConfig({ ...minimal, windows: {}, linux: { future: 1 } }), {
    ...minimal,
    linux: {},
  });
});

test('runtimeConfig gives a process without a user to root, a mask without valueTwo 0', () => {
  const { user: _user, ...noUser } = process;
  assert.deepEqual(runtimeConfig({ ...minimal, process: noUser }).process?.user, { uid: 0, gid: 0 });
  const syscalls = [
    { names: ['a'], action: 'SCMP_ACT_LOG', args: [{ index: 5, value: 1, op: 'SCMP_CMP_EQ' }] },
  ];
  const { linux } = runtimeConfig(withLinux({ seccomp: { defaultAction: 'SCMP_ACT_ALLOW', syscalls } }));
  assert.deepEqual(linux?.seccomp?.syscalls?.[0]?.args, [
    { index: 5, value: 1n, valueTwo: 0n, op: 'SCMP_CMP_EQ' },
  ]);
});

test('runtimeConfig refuses what the specification does not allow', () => {
  refuses(runtimeConfig, [
    [{}, 'ociVersion: missing'],
    [{ ociVersion: '1.0' }, 'ociVersion: expected a semantic version such as "0.8.11", got "1.0"'],
    [{ ociVersion: '2.0.0' }, 'ociVersion: expected version 1.x of the runtime specification, got "2.0.0"'],
    [{ ...minimal, root: { path: '' } }, 'root.path: cannot be empty'],
    [{ ...minimal, annotations: { '': 'x' } }, 'annotations: cannot be empty'],
    [
      { ...minimal, hooks: { poststop: [{ path: 'x' }] } },
      'hooks.poststop[0].path: expected an absolute path, got "x"',
    ],
    [
      { ...minimal, hooks: { poststop: [{ path: '/x', timeout: 0 }] } },
      'hooks.poststop[0].timeout: expected an integer ≥ 1, got 0',
    ],
    [
      { ...minimal, mounts: [{ destination: '/a', uidMappings: [] }] },
      'mounts[0]: uidMappings and gidMappings must be given together',
    ],
    [
      { ...minimal, mounts: [{ destination: '/a', options: ['x\0'] }] },
      'mounts[0].options[0]: NUL character in "x\\u0000"',
    ],
  ]);
});

test('runtimeConfig refuses processes that could not be what was meant', () => {
  refuses(runtimeConfig, [
    [withProcess({ cwd: 'x' }), 'process.cwd: expected an absolute path, got "x"'],
    [withProcess({ args: [] }), 'process.args: at least one argument is needed, the program to run'],
    [withProcess({ args: undefined }), 'process.args: missing'],
    [
      withProcess({ user: { uid: -1, gid: 0 } }),
      'process.user.uid: expected an integer from 0 to 4294967295, got -1',
    ],
    [withProcess({ env: ['A=\0B=1'] }), 'process.env[0]: NUL character in "A=\\u0000B=1"'],
    [
      withProcess({ oomScoreAdj: 1001 }),
      'process.oomScoreAdj: expected an integer from -1000 to 1000, got 1001',
    ],
    [
      withProcess({ ioPriority: { class: 'IOPRIO_CLASS_RT', priority: 8 } }),
      'process.ioPriority.priority: expected an integer from 0 to 7, got 8',
    ],
    [
      withProcess({
        rlimits: [
          { type: 'RLIMIT_CPU', hard: 1, soft: 1 },
          { type: 'RLIMIT_CPU', hard: 2, soft: 1 },
        ],
      }),
      'process.rlimits[1].type: "RLIMIT_CPU" is given twice',
    ],
    [
      withProcess({ rlimits: [{ type: 'RLIMIT_CPU', hard: 2 ** 64, soft: 1 }] }),
      'process.rlimits[0].hard: expected an integer from 0 to 18446744073709551615, got 18446744073709552000',
    ],
  ]);
});

test('runtimeConfig refuses Linux settings that lead elsewhere', () => {
  refuses(runtimeConfig, [
    [
      withLinux({ namespaces: [{ type: 'pid' }, { type: 'pid' }] }),
      'linux.namespaces[1].type: "pid" is given twice',
    ],
    [
      withLinux({ namespaces: [{ type: 'pid', path: 'x' }] }),
      'linux.namespaces[0].path: expected an absolute path, got "x"',
    ],
    [
      withLinux({ devices: [{ path: '/dev/x', type: 'c' }] }),
      'linux.devices[0]: major and minor are needed for every device but a FIFO',
    ],
    [withLinux({ maskedPaths: ['x'] }), 'linux.maskedPaths[0]: expected an absolute path, got "x"'],
    [
      withLinux({ resources: { unified: { '../cgroup.procs': '1' } } }),
      'linux.resources.unified: expected the name of a cgroup file such as "memory.high", got "../cgroup.procs"',
    ],
    [
      withLinux({ sysctl: { 'net/../kernel/core_pattern': '|/x' } }),
      'linux.sysctl: expected the name of a sysctl such as "net.ipv4.ip_forward", got "net/../kernel/core_pattern"',
    ],
    [
      withLinux({ intelRdt: { closID: '..' } }),
      'linux.intelRdt.closID: expected the name of a directory in resctrl, got ".."',
    ],
    [
      withLinux({ timeOffsets: { realtime: {} } }),
      'linux.timeOffsets: expected one of "boottime", "monotonic", got "realtime"',
    ],
  ]);
});

test('runtimeConfig refuses a seccomp filter that says less than it seems to', () => {
  const seccomp = (more: object): object =>
    withLinux({ seccomp: { defaultAction: 'SCMP_ACT_ALLOW', ...more } });
  const action = 'SCMP_ACT_ERRNO';
  refuses(runtimeConfig, [
    [
      seccomp({ syscalls: [{ names: [], action }] }),
      'linux.seccomp.syscalls[0].names: at least one system call is needed',
    ],
    [
      seccomp({ syscalls: [{ names: ['x'], action, args: [{ index: 6, value: 0, op: 'SCMP_CMP_EQ' }] }] }),
      'linux.seccomp.syscalls[0].args[0].index: expected an integer from 0 to 5, got 6',
    ],
    [seccomp({ listenerMetadata: 'x' }), 'linux.seccomp: listenerMetadata needs listenerPath'],
    [withLinux({ seccomp: {} }), 'linux.seccomp.defaultAction: missing'],
  ]);
});
