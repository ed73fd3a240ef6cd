import type { Engine } from '../../stage0/api.ts';
import type { Command } from '../command.ts';
import type { Flags } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { print, tell } from '../output.ts';
import { positionals } from '../positionals.ts';
import { FAILURE, reportError } from '../report-error.ts';
import { engineOf } from './engine.ts';
import type { Globals } from './globals.ts';
import { namedPods, UUID_FILE_FLAG } from './uuid-arguments.ts';

const FLAGS = {
  force: { kind: 'boolean', describe: 'kill the pod at once' },
  ...UUID_FILE_FLAG,
} as const satisfies Flags;

export const stop: Command<Globals> = {
  usage: '[FLAGS] UUID…',
  summary: 'Asks running pods to stop, and returns at once.',
  example: 'tsrkt stop 6733c088',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const { force, 'uuid-file': file } = flagValues(FLAGS, given);
    const engine = engineOf('stop', globals);
    let failed = 0;
    for (const text of namedPods(words, file)) {
      try {
        await stopOne(engine, text, force);
      } catch (error) {
        tell(reportError(error, { command: 'stop', debug: globals.debug }));
        failed++;
      }
    }
    if (failed === 0) return 0;
    tell(`stop: failed to stop ${failed} pod(s)`);
    return FAILURE;
  },
};

async function stopOne(engine: Engine, text: string, force: boolean): Promise<void> {
  const { uuid, wasRunning } = await engine.stop(text, { force });
  const quoted = JSON.stringify(uuid);
  print(wasRunning ? quoted : `pod ${quoted} is already stopped`);
}
