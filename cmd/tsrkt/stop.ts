import { resolveUuid } from '../../stage0/pod/find.ts';
import type { Command } from '../command.ts';
import type { Flags } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { print, tell } from '../output.ts';
import { positionals } from '../positionals.ts';
import { FAILURE, reportError } from '../report-error.ts';
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
    let failed = 0;
    for (const text of namedPods(words, file)) {
      try {
        await stopOne(text, globals.dataDirectory, force);
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

async function stopOne(text: string, dataDirectory: string, force: boolean): Promise<void> {
  const { stopPod } = await import('../../stage0/stop.ts');
  const uuid = resolveUuid(dataDirectory, text);
  const outcome = await stopPod(dataDirectory, uuid, { force });
  const quoted = JSON.stringify(uuid);
  print(outcome === 'stopped' ? quoted : `pod ${quoted} is already stopped`);
}
