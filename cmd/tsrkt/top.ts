import type { PodProcess } from '../../stage0/processes/pod-processes.ts';
import type { Command } from '../command.ts';
import type { Flags } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { FORMAT_FLAG, formatAs } from '../json-format.ts';
import { print } from '../output.ts';
import { positionals } from '../positionals.ts';
import { safeText } from '../safe-text.ts';
import { formatSize } from '../size.ts';
import { formatTable } from '../table.ts';
import type { Globals } from './globals.ts';
import { namedPod, UUID_FILE_FLAG } from './uuid-arguments.ts';

const FLAGS = {
  app: { kind: 'string', value: 'NAME', describe: 'only the processes of this app' },
  'no-legend': { kind: 'boolean', describe: 'without the line of titles' },
  ...UUID_FILE_FLAG,
  ...FORMAT_FLAG,
} as const satisfies Flags;

const TITLES = ['PID', 'IN POD', 'APP', 'USER', 'STATE', 'MEMORY', 'TIME', 'COMMAND'];

export const top: Command<Globals> = {
  usage: '[FLAGS] UUID',
  summary: "Lists the processes of a running pod, with their pids and users as the host's.",
  example: 'tsrkt top 6733c088',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const { app, format, 'no-legend': noLegend, 'uuid-file': file } = flagValues(FLAGS, given);
    const { podProcesses } = await import('../../stage0/processes/pod-processes.ts');
    const uuid = namedPod(words, file, globals.dataDirectory);
    const processes = podProcesses(globals.dataDirectory, uuid).filter(
      (process) => app === undefined || process.app === app,
    );
    const rows = processes.map(row);
    print(formatAs(format, processes.map(json)) ?? formatTable(noLegend ? rows : [TITLES, ...rows]));
    return 0;
  },
};

export const ps: Command<Globals> = { ...top, example: 'tsrkt ps --app=web 6733c088' };

function row({ pid, podPid, app = '-', uid, state, rss, cpuTicks, command }: PodProcess): readonly string[] {
  return [
    `${pid}`,
    `${podPid}`,
    app,
    `${uid}`,
    state,
    formatSize(rss),
    formatTicks(cpuTicks),
    safeText(command),
  ];
}

/** `m:ss.hh`; the kernel counts hundredths of a second for programs, whatever its own clock is. */
export function formatTicks(ticks: number): string {
  const [minutes, seconds, hundredths] = [
    Math.floor(ticks / 6000),
    Math.floor(ticks / 100) % 60,
    ticks % 100,
  ];
  return `${minutes}:${`${seconds}`.padStart(2, '0')}.${`${hundredths}`.padStart(2, '0')}`;
}

function json({ pid, podPid, app, uid, state, rss, cpuTicks, command }: PodProcess) {
  return { pid, pod_pid: podPid, app: app ?? null, uid, state, rss, cpu_seconds: cpuTicks / 100, command };
}
