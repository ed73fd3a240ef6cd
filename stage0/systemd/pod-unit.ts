import { quoteCommand } from './command-line.ts';
import type { Section, Setting, UnitFile } from './unit-file.ts';

export interface PodUnit {
  readonly description: string;
  /** The program and its arguments that become the pod. */
  readonly command: readonly string[];
  /** Whether starting the command again starts the pod again: not where it was prepared. */
  readonly isRepeatable: boolean;
}

/**
 * A service that runs a pod as systemd wants its services: the supervisor is the main process and says when the pod is
 * ready; its cgroup is delegated, so apps have cgroups of their own below it; only the supervisor gets SIGTERM, and what is
 * left after the apps' time is killed.
 */
export function podUnit({ description, command, isRepeatable }: PodUnit): UnitFile {
  const [tsrkt = 'tsrkt'] = command;
  return [
    {
      name: 'Unit',
      settings: [
        ['Description', description],
        ['Wants', 'network-online.target'],
        ['After', 'network-online.target'],
      ],
    },
    {
      name: 'Service',
      settings: [
        ['Type', 'notify'],
        ['Slice', 'machine.slice'],
        ['Delegate', 'yes'],
        ['KillMode', 'mixed'],
        ['ExecStart', quoteCommand(command)],
        ['ExecReload', '/bin/kill -HUP $MAINPID'],
        ['ExecStopPost', `-${quoteCommand([tsrkt, 'gc', '--mark-only'])}`],
        ['TimeoutStartSec', '10min'], // images may have to be fetched
        ['TimeoutStopSec', '20s'], // apps have ten
        ...(isRepeatable ? RESTART : []),
      ],
    },
    { name: 'Install', settings: [['WantedBy', 'multi-user.target']] },
  ];
}

const RESTART: readonly Setting[] = [
  ['Restart', 'on-failure'],
  ['RestartSec', '1s'],
];

/** Lays sections over a unit: what they say of a key is all that is said of it. */
export function overlay(unit: UnitFile, sections: readonly Section[]): UnitFile {
  const names = [...new Set([...unit, ...sections].map(({ name }) => name))];
  return names.map((name) => {
    const said = sections.filter((each) => each.name === name).flatMap(({ settings }) => settings);
    const keys = new Set(said.map(([key]) => key));
    const kept = unit.filter((each) => each.name === name).flatMap(({ settings }) => settings);
    return { name, settings: [...kept.filter(([key]) => !keys.has(key)), ...said] };
  });
}
