import { availableParallelism } from 'node:os';
import type { Command } from '../command.ts';
import { writeOutput } from '../output.ts';
import type { Globals } from './globals.ts';

/** Not for people: `fetch` calls it for each of several layers. */
export const unpackLayer: Command<Globals> = {
  usage: '',
  summary: 'Unpacks a layer for another tsrkt.',
  example: '',
  flags: {},
  async run() {
    const { answerUnpackRequest } = await import('../../image/store/oci/answer-unpack-request.ts');
    await answerUnpackRequest(process.stdin, writeOutput);
    return 0;
  },
};

/**
 * How this program calls itself for that; undefined where it would gain nothing: decompression has a thread of its own, so one
 * process keeps two processors busy. A compiled program has its script built in.
 */
export function unpackCommand(): readonly [string, ...string[]] | undefined {
  if (availableParallelism() < 4) return undefined;
  const script = process.argv[1] ?? '';
  return script.startsWith('/$bunfs/')
    ? [process.execPath, 'unpack-layer']
    : [process.execPath, ...process.execArgv, script, 'unpack-layer'];
}
