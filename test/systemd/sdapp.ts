import { join } from 'node:path';
import { runCommand } from '../../scripts/run-command.mjs';

/** Compiles sdapp.c, which says what it can do. */
export function compileSdapp(to: string): void {
  const source = join(import.meta.dirname, 'sdapp.c');
  if (runCommand('gcc', ['-static', '-Os', '-o', to, source]) !== 0)
    throw new Error('gcc: sdapp.c does not compile');
}
