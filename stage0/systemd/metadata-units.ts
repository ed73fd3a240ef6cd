import { dirname } from 'node:path';
import { quoteCommand } from './command-line.ts';
import type { UnitFile } from './unit-file.ts';

/** Where root's pods are registered, and where they ask: the defaults of `tsrkt metadata-service`. */
const REGISTRATION = '/var/lib/tsrkt/metadata-svc.sock';
const PORT = '18112';

/** systemd listens, so that no pod is refused while the service starts; nothing listens before this is enabled. */
export const METADATA_SOCKET: UnitFile = [
  { name: 'Unit', settings: [['Description', 'Where pods register, and ask who they are']] },
  {
    name: 'Socket',
    settings: [
      ['ListenStream', REGISTRATION],
      ['ListenStream', PORT],
      ['SocketMode', '0600'],
      ['RemoveOnStop', 'yes'],
    ],
  },
  { name: 'Install', settings: [['WantedBy', 'sockets.target']] },
];

/** Started by the first pod that registers. */
export function metadataService(tsrkt: string): UnitFile {
  return [
    {
      name: 'Unit',
      settings: [
        ['Description', 'Metadata service for pods'],
        ['Requires', 'tsrkt-metadata.socket'],
        ['After', 'tsrkt-metadata.socket'],
      ],
    },
    {
      name: 'Service',
      settings: [
        ['Type', 'notify'],
        ['ExecStart', quoteCommand([tsrkt, 'metadata-service'])],
        ['Restart', 'on-failure'],
        ...SANDBOX,
        ['BindReadOnlyPaths', quoteCommand([dirname(tsrkt)])], // also where SANDBOX hides it: below /home or /tmp
      ],
    },
  ];
}

/**
 * What the service can do without. It answers on the sockets it is given, writes into its own directory alone, and else looks
 * at which pods are locked. Its JavaScript is compiled while it runs: so no MemoryDenyWriteExecute.
 */
const SANDBOX: UnitFile[number]['settings'] = [
  ['StateDirectory', 'tsrkt/metadata'],
  ['StateDirectoryMode', '0700'],
  ['UMask', '0077'],
  ['ProtectSystem', 'strict'],
  ['ProtectHome', 'tmpfs'],
  ['PrivateTmp', 'yes'],
  ['PrivateDevices', 'yes'],
  ['PrivateNetwork', 'yes'],
  ['RestrictAddressFamilies', 'AF_UNIX'],
  ['CapabilityBoundingSet', ''],
  ['NoNewPrivileges', 'yes'],
  ['ProtectClock', 'yes'],
  ['ProtectControlGroups', 'yes'],
  ['ProtectHostname', 'yes'],
  ['ProtectKernelLogs', 'yes'],
  ['ProtectKernelModules', 'yes'],
  ['ProtectKernelTunables', 'yes'],
  ['ProtectProc', 'invisible'],
  ['LockPersonality', 'yes'],
  ['RestrictNamespaces', 'yes'],
  ['RestrictRealtime', 'yes'],
  ['RestrictSUIDSGID', 'yes'],
  ['SystemCallArchitectures', 'native'],
  ['SystemCallFilter', '@system-service'],
  ['SystemCallFilter', '~@privileged @resources'],
  ['SystemCallErrorNumber', 'EPERM'],
];
