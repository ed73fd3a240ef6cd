import { readFileSync } from 'node:fs';
import type { PullPolicy } from '../../image/fetch/options.ts';
import type { ExposedPort } from '../../schema/pod-manifest.ts';
import { parsePortFlag, parseSandboxPortFlag } from '../../stage0/network/port-flag.ts';
import { inheritedEnvironment, parseEnvFile, parseSetEnv } from '../../stage0/prepare/environment-flags.ts';
import type { PodEnvironment } from '../../stage0/prepare/request.ts';
import { type Flags, type FlagValues, UsageError } from '../flag.ts';
import { POD_MANIFEST_FLAG } from './pod-manifest-flag.ts';
import { STAGE1_FLAGS } from './stage1-flags.ts';
import { VOLUME_FLAGS } from './volume-flags.ts';

/** Of `run`, `prepare` and `run-prepared`. */
export const ALLOW_DOWNGRADE = {
  'allow-downgrade': {
    kind: 'boolean',
    describe: 'run images older than the newest of their name that ran here',
  },
} as const satisfies Flags;

/** The flags of `run` and `prepare` that say what a pod is made of. */
export const PREPARE_FLAGS = {
  port: {
    kind: 'list',
    value: 'NAME:[HOSTIP:]HOSTPORT',
    describe: 'forward a port of the host to a named port',
  },
  'inherit-env': {
    kind: 'boolean',
    describe: 'give apps the variables of the caller that nothing else sets',
  },
  'set-env': { kind: 'list', value: 'NAME=VALUE', describe: 'set a variable of all apps' },
  'set-env-file': {
    kind: 'list',
    value: 'FILE',
    describe: 'set the variables in a file, NAME=VALUE on each line',
  },
  ...POD_MANIFEST_FLAG,
  ...VOLUME_FLAGS,
  'no-overlay': { kind: 'boolean', describe: "copy the images' files instead of laying changes over them" },
  'private-users': {
    kind: 'boolean',
    describe: 'give the pod users of its own: its root is nobody on the host',
  },
  'pull-policy': { kind: 'string', value: 'POLICY', describe: 'new (default), never or update' },
  'store-only': { kind: 'boolean', describe: 'old name of --pull-policy=never' },
  'no-store': { kind: 'boolean', describe: 'old name of --pull-policy=update' },
  ...ALLOW_DOWNGRADE,
  ...STAGE1_FLAGS,
} as const satisfies Flags;

type Values = FlagValues<typeof PREPARE_FLAGS>;

/** The environment the flags ask for; reads the files of --set-env-file. */
export function podEnvironment(values: Values): PodEnvironment {
  const files = values['set-env-file'];
  return {
    fromFiles: files.flatMap((path) => parseEnvFile(readFileSync(path, 'utf8'), path)),
    set: parseSetEnv(values['set-env']),
    inherited: values['inherit-env'] ? inheritedEnvironment(process.env) : [],
  };
}

export function exposedPorts({ port }: Values): readonly ExposedPort[] {
  return port.map(parsePortFlag);
}

/** Of `app sandbox`, which has no apps to say what a port's name is. */
export const SANDBOX_PORT_FLAG = {
  port: {
    kind: 'list',
    value: 'NAME:PROTO:PODPORT:HOSTIP:HOSTPORT',
    describe: 'forward a port of the host to one of the pod; an empty HOSTIP is every address',
  },
} as const satisfies Flags;

export function sandboxPorts({ port }: FlagValues<typeof SANDBOX_PORT_FLAG>): readonly ExposedPort[] {
  return port.map(parseSandboxPortFlag);
}

/** When to look for an image elsewhere than in the store. */
export function pullPolicy(
  values: Pick<Values, 'pull-policy' | 'store-only' | 'no-store'>,
  otherwise: PullPolicy,
): PullPolicy {
  const { 'pull-policy': policy, 'store-only': never, 'no-store': update } = values;
  if (never && update) throw new UsageError('--store-only and --no-store cannot be used together');
  if (never) return 'never';
  if (update) return 'update';
  const known = (['new', 'never', 'update'] as const).find((each) => each === (policy ?? otherwise));
  if (known !== undefined) return known;
  throw new UsageError(`--pull-policy: expected new, never or update, got ${JSON.stringify(policy)}`);
}
