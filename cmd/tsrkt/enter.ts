import { isatty } from 'node:tty';
import { resolveUuid } from '../../stage0/pod/find.ts';
import type { Command } from '../command.ts';
import { type Flags, UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { tell } from '../output.ts';
import type { Token } from '../scan.ts';
import type { Globals } from './globals.ts';

const FLAGS = {
  app: { kind: 'string', value: 'NAME', describe: 'which app, where the pod has several' },
  'privileged-enter': {
    kind: 'boolean',
    describe: "as root with all capabilities, without the app's filter of system calls",
  },
} as const satisfies Flags;

export const enter: Command<Globals> = {
  usage: '[FLAGS] UUID [COMMAND [ARGUMENT…]]',
  summary:
    'Runs a command in an app of a running pod, with the user, capabilities, system call filter, cgroup and namespaces of the ' +
    'app; on a terminal with a terminal of its own. Exits as the command does, with 128+N when signal N ended it.',
  example: 'tsrkt enter --app=web 6733c088 ls -l /',
  flags: FLAGS,
  argumentsAfter: 1,
  run: async ({ globals, tokens }) => enterPod('enter', tokens, globals),
};

export const exec: Command<Globals> = {
  ...enter,
  usage: '[FLAGS] UUID COMMAND [ARGUMENT…]',
  example: 'tsrkt exec --app=web 6733c088 kill -HUP 1',
  async run({ globals, tokens }) {
    if (commandOf(tokens).length === 0) throw new UsageError('expected a command');
    return enterPod('exec', tokens, globals);
  },
};

export const appExec: Command<Globals> = {
  ...exec,
  example: 'tsrkt app exec --app=web 6733c088 kill -HUP 1',
};

async function enterPod(name: string, tokens: readonly Token[], globals: Globals): Promise<never> {
  const { openRunningApp } = await import('../../stage0/enter/running-app.ts');
  const { enterApp, shellOf } = await import('../../stage0/enter/enter.ts');
  const values = flagValues(
    FLAGS,
    tokens.filter((token) => token.kind === 'flag'),
  );
  const uuid = resolveUuid(globals.dataDirectory, uuidOf(tokens));
  const app = await openRunningApp(globals.dataDirectory, uuid, values.app);
  const command = commandOf(tokens);
  const shell = shellOf(app);
  if (command.length === 0) tell(`${name}: no command specified, assuming ${JSON.stringify(shell)}`);
  return enterApp(app, {
    command: command.length === 0 ? [shell] : command,
    privileged: values['privileged-enter'],
    terminal: isatty(0) && isatty(1),
  });
}

function uuidOf(tokens: readonly Token[]): string {
  const word = tokens.find((token) => token.kind === 'word');
  if (word === undefined) throw new UsageError('expected the UUID of a pod');
  return word.text;
}

function commandOf(tokens: readonly Token[]): readonly string[] {
  return tokens.flatMap((token) => (token.kind === 'arguments' ? token.list : []));
}
