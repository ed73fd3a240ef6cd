import type { PodInfo } from '../../stage0/api.ts';
import type { Command } from '../command.ts';
import { type Flags, type FlagValues, UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { FORMAT_FLAG, formatAs } from '../json-format.ts';
import { print } from '../output.ts';
import { positionals } from '../positionals.ts';
import { safeText } from '../safe-text.ts';
import { formatTime } from '../time.ts';
import { parseDuration } from './duration.ts';
import { engineOf } from './engine.ts';
import type { Globals } from './globals.ts';
import { podJson } from './pod-json.ts';
import { formatNetworks, formatPorts, toDate } from './pod-text.ts';
import { onePod, UUID_FILE_FLAG } from './uuid-arguments.ts';

const FLAGS = {
  wait: { kind: 'string', value: 'DURATION', bare: 'true', describe: 'wait until the pod has ended' },
  'wait-ready': {
    kind: 'string',
    value: 'DURATION',
    bare: 'true',
    describe: 'wait until every app of the pod was started',
  },
  ...UUID_FILE_FLAG,
  ...FORMAT_FLAG,
} as const satisfies Flags;

export const status: Command<Globals> = {
  usage: '[FLAGS] UUID',
  summary: 'Shows how a pod is; with --wait or --wait-ready once it has ended or is ready.',
  example: 'tsrkt status --wait=10s 6733c088',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const values = flagValues(FLAGS, given);
    const pod = await lookAt(globals, onePod(words, values['uuid-file']), values);
    print(formatAs(values.format, podJson(pod)) ?? statusLines(pod).join('\n'));
    return 0;
  },
};

function lookAt(globals: Globals, uuid: string, values: FlagValues<typeof FLAGS>): Promise<PodInfo> {
  const engine = engineOf('status', globals);
  const exitedLimit = waitLimit('wait', values.wait);
  const readyLimit = waitLimit('wait-ready', values['wait-ready']);
  if (exitedLimit !== undefined && readyLimit !== undefined)
    throw new UsageError('--wait and --wait-ready cannot be used together');
  if (exitedLimit !== undefined) return engine.wait(uuid, exitedLimit);
  if (readyLimit !== undefined) return engine.waitUntilReady(uuid, readyLimit);
  return engine.status(uuid);
}

/** `--wait`, `--wait=true|false|DURATION`: milliseconds, or undefined for no waiting. */
function waitLimit(flag: string, value: string | undefined): number | undefined {
  if (value === undefined || value === 'false') return undefined;
  return value === 'true' ? Number.POSITIVE_INFINITY : parseDuration(flag, value);
}

/** rkt's lines, in rkt's order. */
export function statusLines(pod: PodInfo): readonly string[] {
  const isBeforeRun = ['embryo', 'preparing', 'aborted prepare', 'prepared'].includes(pod.state);
  return [
    `state=${pod.state}`,
    ...(pod.createdAt === undefined ? [] : [`created=${formatTime(toDate(pod.createdAt))}`]),
    ...(pod.startedAt === undefined ? [] : [`started=${formatTime(toDate(pod.startedAt))}`]),
    ...(pod.networks.length === 0 ? [] : [`networks=${safeText(formatNetworks(pod.networks))}`]),
    ...(pod.ports.length === 0 ? [] : [`ports=${safeText(formatPorts(pod.ports))}`]),
    ...(isBeforeRun ? [] : runLines(pod)),
    ...unverifiedLines(pod),
  ];
}

/** Which apps run although nobody vouches for their images; rkt has no such line. */
function unverifiedLines({ apps }: PodInfo): readonly string[] {
  const names = apps.filter(({ unverified }) => unverified !== undefined).map(({ name }) => name);
  return names.length === 0 ? [] : [`unverified=${names.join(',')}`];
}

function runLines(pod: PodInfo): readonly string[] {
  const isRunning = pod.state === 'running';
  const ended = pod.apps.filter(({ exitCode }) => exitCode !== undefined);
  return [
    ...(pod.pid === undefined ? [] : [`pid=${pod.pid}`]),
    `exited=${!isRunning}`,
    ...(isRunning ? [] : ended.map(({ name, exitCode }) => `app-${name}=${exitCode}`)),
  ];
}
