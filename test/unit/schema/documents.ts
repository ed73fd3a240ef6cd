const hex = '0123456789abcdef'.repeat(4);
const digest = `sha256:${hex}`;
const layer = 'application/vnd.oci.image.layer.v1.tar+gzip';

/** A rich good document of each kind, to be made bad. */
export const documents = {
  imageManifest: {
    acKind: 'ImageManifest',
    acVersion: '0.8.11',
    name: 'example.com/hello',
    labels: [
      { name: 'os', value: 'linux' },
      { name: 'arch', value: 'amd64' },
    ],
    app: {
      exec: ['/bin/hello'],
      eventHandlers: [{ name: 'pre-start', exec: ['/x'] }],
      user: '0',
      group: '0',
      supplementaryGIDs: [1],
      workingDirectory: '/',
      environment: [{ name: 'A', value: 'b' }],
      mountPoints: [{ name: 'work', path: '/work', readOnly: true }],
      ports: [{ name: 'www', protocol: 'tcp', port: 80, count: 2, socketActivated: false }],
      isolators: [
        { name: 'resource/cpu', value: { default: false, limit: '500m' } },
        { name: 'os/unix/sysctl', value: { 'net.ipv4.ip_forward': '1' } },
        {
          name: 'os/linux/seccomp-retain-set',
          value: { set: ['@docker/default-whitelist'], errno: 'EPERM' },
        },
        { name: 'os/linux/selinux-context', value: { user: 'u', role: 'r', type: 't', level: 's0' } },
      ],
      userLabels: { a: 'b' },
    },
    annotations: [
      { name: 'created', value: '2014-10-27T19:32:27.67021798Z' },
      { name: 'homepage', value: 'https://example.com' },
    ],
    dependencies: [{ imageName: 'example.com/base', imageID: `sha512-${hex}${hex}`, size: 1 }],
    pathWhitelist: ['/x'],
  },
  podManifest: {
    acVersion: '0.8.11',
    acKind: 'PodManifest',
    apps: [
      {
        name: 'hello',
        image: { name: 'example.com/hello', id: `sha512-${hex}${hex}` },
        mounts: [{ volume: 'work', path: '/work' }],
      },
    ],
    volumes: [
      { name: 'work', kind: 'host', source: '/srv', readOnly: true },
      { name: 'tmp', kind: 'empty', mode: '0755' },
    ],
    ports: [{ name: 'www', hostPort: 80, hostIP: '203.0.113.23' }],
  },
  runtimeConfig: {
    ociVersion: '1.2.0-rc.1+x',
    process: {
      user: { uid: 0, gid: 0, additionalGids: [1] },
      args: ['sh'],
      env: ['A=b'],
      cwd: '/',
      capabilities: { bounding: ['CAP_KILL'] },
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
      execCPUAffinity: { initial: '0-3' },
    },
    root: { path: 'rootfs' },
    mounts: [{ destination: '/proc', type: 'proc', source: 'proc', options: ['ro'] }],
    hooks: { poststop: [{ path: '/x', timeout: 1 }] },
    annotations: { a: 'b' },
    linux: {
      namespaces: [{ type: 'pid', path: '/proc/1/ns/pid' }],
      devices: [{ path: '/dev/fuse', type: 'c', major: 10, minor: 229 }],
      resources: {
        devices: [{ allow: false, access: 'rwm' }],
        memory: { limit: 1, swap: -1 },
        hugepageLimits: [{ pageSize: '2MB', limit: 1 }],
        unified: { 'memory.high': '1' },
      },
      intelRdt: { closID: 'x', schemata: ['L3:0=7f0'], memBwSchema: 'MB:0=20' },
      memoryPolicy: { mode: 'MPOL_LOCAL', nodes: '0-1' },
      sysctl: { 'net.ipv4.ip_forward': '1' },
      seccomp: {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [
          { names: ['x'], action: 'SCMP_ACT_ERRNO', args: [{ index: 0, value: 1, op: 'SCMP_CMP_EQ' }] },
        ],
      },
      maskedPaths: ['/proc/kcore'],
    },
  },
  podNetwork: {
    mode: 'cni',
    networks: [
      {
        name: 'default',
        args: 'IP=1.2.3.4',
        conf: {
          cniVersion: '1.0.0',
          name: 'default',
          plugins: [{ type: 'ptp', ipam: { type: 'host-local' } }],
        },
      },
    ],
  },
  netInfo: [{ netName: 'default', ifName: 'eth0', ip: '172.16.28.2', ips: ['172.16.28.2/24', 'fd00::1/64'] }],
  networkConfig: { cniVersion: '0.4.0', name: 'net', type: 'bridge', capabilities: { portMappings: true } },
  cniResult: {
    cniVersion: '1.0.0',
    interfaces: [{ name: 'eth0', mac: '99:88:77:66:55:44', sandbox: '/x' }],
    ips: [{ address: '10.1.0.5/16', gateway: '10.1.0.1', interface: 0 }],
    routes: [{ dst: '::/0', gw: 'fe80::1' }],
    dns: { nameservers: ['10.1.0.1'], search: ['x'] },
  },
  ociManifest: {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: 1 },
    layers: [{ mediaType: layer, digest, size: 1, urls: ['https://example.com'], annotations: { a: 'b' } }],
    subject: { mediaType: layer, digest, size: 1 },
  },
  imageIndex: {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest,
        size: 1,
        platform: { architecture: 'arm', os: 'linux', variant: 'v7', 'os.features': ['x'] },
      },
    ],
  },
  imageConfig: {
    created: '2015-10-31T22:22:56.015925234Z',
    architecture: 'amd64',
    os: 'linux',
    config: {
      User: 'a:b',
      ExposedPorts: { '80/tcp': {} },
      Env: ['A=b'],
      Entrypoint: ['/x'],
      Volumes: { '/x': {} },
      Labels: { a: 'b' },
      Healthcheck: { Test: ['NONE'], Interval: 1 },
    },
    rootfs: { type: 'layers', diff_ids: [digest] },
    history: [{ created: '2015-10-31T22:22:54Z', created_by: 'x', empty_layer: true }],
  },
  savedImages: [{ Config: 'a/b.json', RepoTags: ['x:y'], Layers: ['a/layer.tar', 'blobs/sha256/x'] }],
} as const;
