import { quoteCommand } from './command-line.ts';
import { METADATA_SOCKET, metadataService } from './metadata-units.ts';
import { podUnit } from './pod-unit.ts';
import { formatUnitFile, type UnitFile } from './unit-file.ts';

export interface ShippedFile {
  /** Absolute. */
  readonly path: string;
  readonly content: string;
  readonly mode: number;
}

/** Its members see root's pods: `list`, `status`, `cat-manifest`. */
const GROUP = 'tsrkt';

/** What `tsrkt systemd install` writes, for the executable at `tsrkt`. */
export function shippedFiles(tsrkt: string): readonly ShippedFile[] {
  const unit = (name: string, file: UnitFile) => text(`/etc/systemd/system/${name}`, formatUnitFile(file));
  return [
    unit('tsrkt-gc.service', gcService(tsrkt)),
    unit('tsrkt-gc.timer', GC_TIMER),
    unit('tsrkt@.service', instanceTemplate(tsrkt)),
    unit('tsrkt-metadata.socket', METADATA_SOCKET),
    unit('tsrkt-metadata.service', metadataService(tsrkt)),
    text('/etc/sysusers.d/tsrkt.conf', `g ${GROUP} -\n`),
    text('/etc/tmpfiles.d/tsrkt.conf', TMPFILES),
    {
      path: '/etc/systemd/system-generators/tsrkt-generator',
      content: `#!/bin/sh\nexec ${shellQuote(tsrkt)} generate units "$@"\n`,
      mode: 0o755,
    },
  ];
}

function text(path: string, content: string): ShippedFile {
  return { path, content, mode: 0o644 };
}

function gcService(tsrkt: string): UnitFile {
  return [
    {
      name: 'Unit',
      settings: [
        ['Description', 'Remove pods that ended a day ago'],
        ['ConditionPathExists', '/var/lib/tsrkt/pods'],
      ],
    },
    {
      name: 'Service',
      settings: [
        ['Type', 'oneshot'],
        ['ExecStart', quoteCommand([tsrkt, 'gc', '--grace-period=24h'])],
        ['Nice', '10'],
        ['IOSchedulingClass', 'idle'],
      ],
    },
  ];
}

const GC_TIMER: UnitFile = [
  { name: 'Unit', settings: [['Description', 'Remove pods that have ended, twice a day']] },
  {
    name: 'Timer',
    settings: [
      ['OnActiveSec', '10min'],
      ['OnUnitActiveSec', '12h'],
      ['RandomizedDelaySec', '15min'],
    ],
  },
  { name: 'Install', settings: [['WantedBy', 'timers.target']] },
];

/**
 * `systemctl start tsrkt@hello` runs what /etc/tsrkt/instances/hello.env says (IMAGE=, OPTIONS=, RUN_OPTIONS=), or else the
 * image of that name; a name with slashes is escaped by systemd-escape(1).
 */
function instanceTemplate(tsrkt: string): UnitFile {
  const unit = podUnit({ description: 'Pod %I', command: [tsrkt], isRepeatable: true });
  return unit.map(({ name, settings }) => ({
    name,
    settings: settings.flatMap(([key, value]) =>
      key === 'ExecStart'
        ? ([
            ['Environment', '"IMAGE=%I"'],
            ['EnvironmentFile', '-/etc/tsrkt/instances/%i.env'],
            [key, `${value} $OPTIONS run $RUN_OPTIONS $\{IMAGE}`],
          ] as const)
        : ([[key, value]] as const),
    ),
  }));
}

/**
 * What is made below belongs to the group, too. Under rkt its members could also write into the store; but who can write
 * there decides what root runs.
 */
const TMPFILES = `d /var/lib/tsrkt 2755 root ${GROUP} -
d /var/lib/tsrkt/pods 2750 root ${GROUP} -
`;

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
