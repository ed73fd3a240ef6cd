import { CAPABILITIES } from '../../linux/capability.ts';
import { acIdentifier } from '../../schema/ac-identifier.ts';
import { acName } from '../../schema/ac-name.ts';
import { DecodeError } from '../../schema/decode-error.ts';
import type { Isolator } from '../../schema/isolator.ts';
import { parseVariable } from '../../stage0/prepare/environment-flags.ts';
import type { AppRequest } from '../../stage0/prepare/request.ts';
import { type Flags, type FlagValues, UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import type { AppArgs } from './app-args.ts';

/** Follows an image wherever one is fetched. */
export const SIGNATURE_FLAG = {
  signature: { kind: 'string', value: 'FILE', describe: "the image's detached signature" },
} as const satisfies Flags;

/** What `--signature` after an image says. */
export function signatureFile({ flags }: AppArgs): string | undefined {
  return flagValues(SIGNATURE_FLAG, flags).signature;
}

/** The flags that follow an image and are about its app. */
export const APP_FLAGS = {
  ...SIGNATURE_FLAG,
  exec: { kind: 'string', value: 'FILE', describe: "run this instead of the image's program" },
  name: { kind: 'string', value: 'NAME', describe: "the app's name" },
  user: { kind: 'string', value: 'USER', describe: 'name, number, or /file whose owner it is' },
  group: { kind: 'string', value: 'GROUP', describe: 'name, number, or /file whose group it is' },
  'supplementary-gids': { kind: 'string', value: 'N,…', describe: 'more groups, by number' },
  'working-dir': { kind: 'string', value: 'DIR', describe: 'where the app starts' },
  'readonly-rootfs': { kind: 'boolean', describe: 'let the app change nothing of its root file system' },
  environment: { kind: 'list', value: 'NAME=VALUE', describe: 'set a variable of the app' },
  annotation: { kind: 'list', value: 'NAME=VALUE', describe: 'annotate the app' },
  'user-annotation': { kind: 'list', value: 'NAME=VALUE', describe: 'annotate the app, for users' },
  'user-label': { kind: 'list', value: 'NAME=VALUE', describe: 'label the app, for users' },
  'caps-retain': { kind: 'list', value: 'CAP,…', describe: 'the only capabilities the app may have' },
  'caps-remove': { kind: 'list', value: 'CAP,…', describe: 'capabilities the app may not have' },
  'cap-retain': { kind: 'list', value: 'CAP,…', describe: 'old name of --caps-retain' },
  'cap-remove': { kind: 'list', value: 'CAP,…', describe: 'old name of --caps-remove' },
  'oom-score-adj': { kind: 'string', value: 'N', describe: '-1000 (never kill) … 1000, for lack of memory' },
} as const satisfies Flags;

/** rkt's, not ours yet. */
export const UNSUPPORTED_APP_FLAGS: readonly string[] = [
  'cpu',
  'cpu-shares',
  'memory',
  'mount',
  'seccomp',
  'stderr',
  'stdin',
  'stdout',
];

type Values = FlagValues<typeof APP_FLAGS>;

/** What the flags and arguments after an image ask of its app. */
export function appRequest({ flags, args = [] }: AppArgs): AppRequest {
  const values = flagValues(APP_FLAGS, flags);
  const gids = values['supplementary-gids'];
  return {
    name: values.name === undefined ? undefined : acName(values.name, '--name'),
    exec: values.exec,
    args,
    user: values.user,
    group: values.group,
    supplementaryGids: gids?.split(',').map((gid) => integerFlag('supplementary-gids', gid, 0, 0xffff_fffe)),
    workingDirectory: workingDirectory(values['working-dir']),
    readOnlyRootFs: values['readonly-rootfs'],
    environment: values.environment.map((text) => parseVariable(text, '--environment')),
    isolators: isolatorsOf(values),
    annotations: values.annotation.map((text) => {
      const [name, value] = pair('annotation', text);
      return { name: acIdentifier(name, '--annotation'), value };
    }),
    userAnnotations: Object.fromEntries(
      values['user-annotation'].map((text) => pair('user-annotation', text)),
    ),
    userLabels: Object.fromEntries(values['user-label'].map((text) => pair('user-label', text))),
  };
}

function isolatorsOf(values: Values): readonly Isolator[] {
  const retain = capabilities([...values['caps-retain'], ...values['cap-retain']]);
  const remove = capabilities([...values['caps-remove'], ...values['cap-remove']]);
  if (retain.length > 0 && remove.length > 0)
    throw new UsageError('--caps-retain and --caps-remove cannot be used together');
  const score = values['oom-score-adj'];
  return [
    ...(retain.length > 0 ? [isolator('os/linux/capabilities-retain-set', { set: retain })] : []),
    ...(remove.length > 0 ? [isolator('os/linux/capabilities-remove-set', { set: remove })] : []),
    ...(score === undefined
      ? []
      : [isolator('os/linux/oom-score-adj', integerFlag('oom-score-adj', score, -1000, 1000))]),
  ];
}

function isolator<N extends Isolator['name']>(name: N, value: Extract<Isolator, { name: N }>['value']) {
  return { name, value } as Extract<Isolator, { name: N }>;
}

function capabilities(lists: readonly string[]): readonly string[] {
  const names = lists.flatMap((list) => list.split(','));
  const unknown = names.find((name) => !CAPABILITIES.some((known) => known === name));
  if (unknown !== undefined) throw new UsageError(`unknown capability ${JSON.stringify(unknown)}`);
  return names;
}

function workingDirectory(path: string | undefined): string | undefined {
  if (path === undefined || /^\/[^\0]*$/.test(path)) return path;
  throw new DecodeError('--working-dir', `expected an absolute path, got ${JSON.stringify(path)}`);
}

function integerFlag(flag: string, text: string, min: number, max: number): number {
  const value = /^-?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new DecodeError(
    `--${flag}`,
    `expected an integer from ${min} to ${max}, got ${JSON.stringify(text)}`,
  );
}

function pair(flag: string, text: string): [name: string, value: string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new DecodeError(`--${flag}`, `expected NAME=VALUE, got ${JSON.stringify(text)}`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}
