import { acIdentifier } from '../../schema/ac-identifier.ts';
import { acName } from '../../schema/ac-name.ts';
import type { Annotations } from '../../schema/annotation.ts';
import { DecodeError } from '../../schema/decode-error.ts';
import { inputMode, outputMode } from '../../schema/pod-files.ts';
import { parseVariable } from '../../stage0/prepare/environment-flags.ts';
import type { AppRequest } from '../../stage0/prepare/request.ts';
import { RESTART, restartPolicy } from '../../stage0/run/app-lives.ts';
import { STDIO } from '../../stage0/run/app-stdio.ts';
import type { Flags, FlagValues } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import type { AppArgs } from './app-args.ts';
import { integerFlag } from './integer-flag.ts';
import { ISOLATOR_FLAGS, isolatorsOf } from './isolator-flags.ts';
import { MOUNT_FLAG, mountsOf } from './volume-flags.ts';

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
  restart: { kind: 'string', value: 'POLICY', describe: 'start the app again: no, on-failure or always' },
  stdin: {
    kind: 'string',
    value: 'MODE',
    describe:
      'what it reads: null, or tty or stream, to attach to; ours, if it is alone, where nothing is said',
  },
  stdout: {
    kind: 'string',
    value: 'MODE',
    describe: 'where it prints: log, null, or tty or stream, to attach to; where we do, if nothing is said',
  },
  stderr: { kind: 'string', value: 'MODE', describe: 'where it prints errors, likewise' },
  ...ISOLATOR_FLAGS,
  ...MOUNT_FLAG,
} as const satisfies Flags;

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
    mounts: mountsOf(values),
    annotations: annotationsOf(values),
    userAnnotations: Object.fromEntries(
      values['user-annotation'].map((text) => pair('user-annotation', text)),
    ),
    userLabels: Object.fromEntries(values['user-label'].map((text) => pair('user-label', text))),
  };
}

function annotationsOf(values: FlagValues<typeof APP_FLAGS>): Annotations {
  const { annotation, restart } = values;
  const own = annotation.map((text) => {
    const [name, value] = pair('annotation', text);
    return { name: acIdentifier(name, '--annotation'), value };
  });
  const said = restart === undefined ? [] : [annotated(RESTART, restartPolicy(restart, '--restart'))];
  return [...own, ...said, ...stdioAnnotations(values)];
}

function stdioAnnotations({ stdin, stdout, stderr }: FlagValues<typeof APP_FLAGS>): Annotations {
  return [
    ...(stdin === undefined ? [] : [annotated(STDIO.stdin, inputMode(stdin, '--stdin'))]),
    ...(stdout === undefined ? [] : [annotated(STDIO.stdout, outputMode(stdout, '--stdout'))]),
    ...(stderr === undefined ? [] : [annotated(STDIO.stderr, outputMode(stderr, '--stderr'))]),
  ];
}

function annotated(name: string, value: string): Annotations[number] {
  return { name: acIdentifier(name), value };
}

function workingDirectory(path: string | undefined): string | undefined {
  if (path === undefined || /^\/[^\0]*$/.test(path)) return path;
  throw new DecodeError('--working-dir', `expected an absolute path, got ${JSON.stringify(path)}`);
}

/** The two sides of what a flag says. */
export function pair(flag: string, text: string): [name: string, value: string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new DecodeError(`--${flag}`, `expected NAME=VALUE, got ${JSON.stringify(text)}`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}
