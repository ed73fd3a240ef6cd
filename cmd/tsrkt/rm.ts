import { resolveUuid } from '../../stage0/pod/find.ts';
import { becomeRoot } from '../../stage0/rootless/become-root.ts';
import type { Command } from '../command.ts';
import { flagValues } from '../flag-values.ts';
import { print, tell } from '../output.ts';
import { positionals } from '../positionals.ts';
import { FAILURE, reportError } from '../report-error.ts';
import { safeText } from '../safe-text.ts';
import type { Globals } from './globals.ts';
import { namedPods, UUID_FILE_FLAG } from './uuid-arguments.ts';

export const rm: Command<Globals> = {
  usage: '[FLAGS] UUID…',
  summary: 'Removes pods that do not run, with everything that belongs to them.',
  example: 'tsrkt rm 6733c088',
  flags: UUID_FILE_FLAG,
  async run({ globals, tokens }) {
    becomeRoot();
    const { words, given } = positionals(tokens);
    const { 'uuid-file': file } = flagValues(UUID_FILE_FLAG, given);
    let failed = 0;
    for (const text of namedPods(words, file)) {
      try {
        await removeOne(text, globals.dataDirectory);
      } catch (error) {
        tell(reportError(error, { command: 'rm', debug: globals.debug }));
        failed++;
      }
    }
    if (failed === 0) return 0;
    tell('rm: failed to remove one or more pods');
    return FAILURE;
  },
};

async function removeOne(text: string, dataDirectory: string): Promise<void> {
  const { removePod } = await import('../../stage0/remove.ts');
  const uuid = resolveUuid(dataDirectory, text);
  const onProblem = (problem: string) => tell(`rm: ${safeText(problem)}`);
  removePod(uuid, { dataDirectory, force: true, onProblem });
  print(JSON.stringify(uuid));
}
