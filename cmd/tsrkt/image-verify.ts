import type { Engine } from '../../stage0/api.ts';
import { becomeRoot } from '../../stage0/rootless/become-root.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../flag.ts';
import { print, tell } from '../output.ts';
import { positionals } from '../positionals.ts';
import { FAILURE, reportError } from '../report-error.ts';
import { safeText } from '../safe-text.ts';
import { engineOf } from './engine.ts';
import type { Globals } from './globals.ts';

export const imageVerify: Command<Globals> = {
  usage: 'IMAGE…',
  summary: 'Reads images of the store again, and compares them with what they were when they came.',
  example: 'tsrkt image verify example.com/hello',
  flags: {},
  async run({ globals, tokens }) {
    const { words } = positionals(tokens);
    if (words.length === 0) throw new UsageError('must provide at least one image');
    becomeRoot();
    const engine = engineOf('verify', globals);
    let failed = 0;
    for (const word of words) {
      try {
        await verifyOne(engine, word);
      } catch (error) {
        tell(reportError(error, { command: 'verify', debug: globals.debug }));
        failed++;
      }
    }
    return failed === 0 ? 0 : FAILURE;
  },
};

async function verifyOne(engine: Engine, word: string): Promise<void> {
  const reference = JSON.stringify(safeText(word));
  const { id, isRendered } = await engine.verify(word, {
    onRebuild: () => tell(`verify: tree cache verification failed for image ${reference}; rebuilding...`),
  });
  if (!isRendered) print(`image ${reference} not rendered; no verification needed`);
  print(`successfully verified checksum for image: ${reference} (${JSON.stringify(id)})`);
}
