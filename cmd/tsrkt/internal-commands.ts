import type { NamedCommand } from './named-command.ts';

/** What tsrkt itself calls, and the help leaves out. */
export const INTERNAL_COMMANDS: readonly NamedCommand[] = [
  {
    name: 'unpack-layer',
    summary: 'unpack a layer for another tsrkt',
    load: async () => (await import('./unpack-layer.ts')).unpackLayer,
  },
];
