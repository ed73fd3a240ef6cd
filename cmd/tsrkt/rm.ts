import type { Engine } from '../../stage0/api.ts';
import { becomeRoot } from '../../stage0/rootless/become-root.ts';
import type { Command } from '../command.ts';
import { flagValues } from '../flag-values.ts';
import { print, tell } from '../output.ts';
import { positionals } from '../positionals.ts';
import { FAILURE, reportError } from '../report-error.ts';
import { safeText } from '../safe-text.ts';
import { engineOf } from './engine.ts';
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
    const engine = engineOf('rm', globals);
    let failed = 0;
    for (const text of namedPods(words, file)) {
      try {
        await removeOne(engine, text);
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

async function removeOne(engine: Engine, text: string): Promise<void> {
  const onProblem = (problem: string) => tell(`rm: ${safeText(problem)}`);
  print(JSON.stringify(await engine.remove(text, { force: true, onProblem })));
}
