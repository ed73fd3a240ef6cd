import type { AppInfo, Nanoseconds, PodInfo } from '../../stage0/api.ts';
import type { Command } from '../command.ts';
import type { Flags, FlagValues } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { FORMAT_FLAG, formatAs } from '../json-format.ts';
import { print, tell } from '../output.ts';
import { positionals, refuseWords } from '../positionals.ts';
import { safeText } from '../safe-text.ts';
import { formatTable } from '../table.ts';
import { formatAge, formatTime } from '../time.ts';
import { engineOf } from './engine.ts';
import type { Globals } from './globals.ts';
import { podJson } from './pod-json.ts';
import { formatNetworks, formatPorts, toDate } from './pod-text.ts';

const FLAGS = {
  full: { kind: 'boolean', describe: 'nothing cut: whole UUIDs, image IDs, exact times' },
  'no-legend': { kind: 'boolean', describe: 'without the line of titles' },
  watch: { kind: 'boolean', describe: 'list again whenever something has changed' },
  ...FORMAT_FLAG,
} as const satisfies Flags;

export const list: Command<Globals> = {
  usage: '[FLAGS]',
  summary: 'Lists pods and their apps.',
  example: 'tsrkt list --full',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    refuseWords(words);
    const values = flagValues(FLAGS, given);
    const engine = engineOf('list', globals);
    if (!values.watch) show(await engine.list(), values);
    else for await (const pods of engine.watch()) show(pods, values);
    return 0;
  },
};

function show(
  pods: readonly PodInfo[],
  { format, full, 'no-legend': noLegend }: FlagValues<typeof FLAGS>,
): void {
  const rows = listRows(pods, { full, now: new Date() });
  const json = formatAs(format, pods.map(podJson));
  print(json ?? formatTable(noLegend ? rows : [titles(full), ...rows]));
  tellProblems(pods);
}

export interface ListStyle {
  readonly full: boolean;
  readonly now: Date;
}

function titles(full: boolean): readonly string[] {
  const image = full ? ['IMAGE NAME', 'IMAGE ID', 'TRUST'] : ['IMAGE NAME'];
  return ['UUID', 'APP', ...image, 'STATE', 'CREATED', 'STARTED', 'NETWORKS'];
}

/** A row for each app; what belongs to the pod stands in the first one only. */
export function listRows(pods: readonly PodInfo[], style: ListStyle): readonly (readonly string[])[] {
  return pods.flatMap((pod) => {
    const apps = pod.apps.length === 0 ? [undefined] : pod.apps;
    return apps.map((app, index) => row(index === 0 ? pod : undefined, app, style));
  });
}

function row(pod: PodInfo | undefined, app: AppInfo | undefined, style: ListStyle): readonly string[] {
  const appCells = app === undefined ? cellsWithoutApp(style) : cellsOfApp(app, style);
  if (pod === undefined) return ['', ...appCells, '', '', '', ''];
  return [
    style.full ? pod.uuid : pod.uuid.slice(0, 8),
    ...appCells,
    pod.state,
    formatWhen(pod.createdAt, style),
    formatWhen(pod.startedAt, style),
    safeText(
      [formatNetworks(pod.networks), style.full ? formatPorts(pod.ports) : ''].filter(Boolean).join(', '),
    ),
  ];
}

function cellsWithoutApp({ full }: ListStyle): readonly string[] {
  return full ? ['-', '-', '-', '-'] : ['-', '-'];
}

function cellsOfApp(
  { name, imageName = '--', imageId, unverified }: AppInfo,
  { full }: ListStyle,
): readonly string[] {
  const cells = [name, safeText(imageName)];
  const trust = unverified === undefined ? 'verified' : 'unverified';
  return full ? [...cells, imageId.slice(0, 'sha512-'.length + 12), trust] : cells;
}

function formatWhen(time: Nanoseconds | undefined, { full, now }: ListStyle): string {
  if (time === undefined) return '';
  return full ? formatTime(toDate(time)) : formatAge(toDate(time), now);
}

function tellProblems(pods: readonly PodInfo[]): void {
  const problems = pods.flatMap((pod) => pod.problems);
  if (problems.length === 0) return;
  tell(`list: ${problems.length} error(s) encountered when listing pods:`);
  for (const problem of problems) tell(`list: ${safeText(problem.message)}`);
}
