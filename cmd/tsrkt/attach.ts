import { ATTACH_ENDPOINTS, isAttachMode, parseDetachKeys } from '../../schema/attach-words.ts';
import type { Command } from '../command.ts';
import { type Flags, UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { positionals } from '../positionals.ts';
import type { Globals } from './globals.ts';
import { namedPod, UUID_FILE_FLAG } from './uuid-arguments.ts';

const FLAGS = {
  app: { kind: 'string', value: 'NAME', describe: 'which app, where the pod has several' },
  mode: {
    kind: 'string',
    value: 'MODE',
    describe:
      'auto (default): to all there is; list: say what there is; tty, tty-in, tty-out; or of stdin,stdout,stderr',
  },
  'detach-keys': {
    kind: 'string',
    value: 'KEY,…',
    describe: 'what to type on a terminal to leave the app alone again (default ctrl-p,ctrl-q)',
  },
  ...UUID_FILE_FLAG,
} as const satisfies Flags;

export const attach: Command<Globals> = {
  usage: '[FLAGS] UUID',
  summary:
    'Connects this terminal, or standard input and output, to an app of a running pod that was given streams for that: ' +
    '--stdin, --stdout, --stderr=tty or stream. Several may attach. What the app prints while nobody is attached is thrown away, ' +
    'and what somebody does not read fast enough left out, so that the app is never held up. The end of the input ends the ' +
    "app's, for good: started again it has none. Exits with the app's status when that has ended, 128+N when signal N ended it; with 0 " +
    'when the detach keys were typed, all there was to bring was brought, or the app only closed its streams.',
  example: 'tsrkt attach --app=shell 6733c088',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const values = flagValues(FLAGS, given);
    const { attachToPod } = await import('../../stage0/attach/attach.ts');
    const uuid = namedPod(words, values['uuid-file'], globals.dataDirectory);
    return attachToPod(globals.dataDirectory, {
      uuid,
      app: values.app,
      mode: checkMode(values.mode ?? 'auto'),
      detachKeys: checkKeys(values['detach-keys'] ?? 'ctrl-p,ctrl-q'),
    });
  },
};

function checkMode(mode: string): string {
  if (isAttachMode(mode)) return mode;
  throw new UsageError(
    `--mode: expected auto, list, tty, or some of ${ATTACH_ENDPOINTS.join(',')}, got ${JSON.stringify(mode)}`,
  );
}

function checkKeys(keys: string): string {
  if (parseDetachKeys(keys) !== undefined) return keys;
  throw new UsageError(`--detach-keys: expected keys such as ctrl-p,ctrl-q, got ${JSON.stringify(keys)}`);
}
