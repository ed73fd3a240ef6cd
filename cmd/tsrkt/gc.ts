import type { GcStep } from '../../stage0/gc.ts';
import { becomeRoot } from '../../stage0/rootless/become-root.ts';
import type { Command } from '../command.ts';
import type { Flags } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { print, tell } from '../output.ts';
import { positionals, refuseWords } from '../positionals.ts';
import { FAILURE, reportError } from '../report-error.ts';
import { safeText } from '../safe-text.ts';
import { formatDuration, parseDuration } from './duration.ts';
import type { Globals } from './globals.ts';

const FLAGS = {
  'grace-period': {
    kind: 'string',
    value: 'DURATION',
    describe: 'how long pods are kept after they ended (default 30m)',
  },
  'expire-prepared': {
    kind: 'string',
    value: 'DURATION',
    describe: 'how long prepared pods may wait to be run (default 24h)',
  },
  'mark-only': { kind: 'boolean', describe: 'only mark what has ended, remove nothing' },
} as const satisfies Flags;

export const gc: Command<Globals> = {
  usage: '[FLAGS]',
  summary: 'Removes pods that ended or were never run, after a grace period.',
  example: 'tsrkt gc --grace-period=0s',
  flags: FLAGS,
  async run({ globals, tokens }) {
    becomeRoot();
    const { words, given } = positionals(tokens);
    refuseWords(words);
    const values = flagValues(FLAGS, given);
    const graceMs = parseDuration('grace-period', values['grace-period'] ?? '30m');
    const { collectGarbage } = await import('../../stage0/gc.ts');
    let failed = false;
    collectGarbage({
      dataDirectory: globals.dataDirectory,
      graceMs,
      expirePreparedMs: parseDuration('expire-prepared', values['expire-prepared'] ?? '24h'),
      markOnly: values['mark-only'],
      force: false,
      onProblem: (problem) => tell(`gc: ${safeText(problem)}`),
      onStep(step) {
        failed ||= step.kind === 'failed';
        tellStep(step, graceMs, globals.debug);
      },
    });
    return failed ? FAILURE : 0;
  },
};

function tellStep(step: GcStep, graceMs: number, debug: boolean): void {
  const uuid = JSON.stringify(step.uuid);
  if (step.kind === 'removing') print(`Garbage collecting pod ${uuid}`);
  else if (step.kind === 'failed') tell(reportError(step.error, { command: 'gc', debug }));
  else if (step.kind === 'within grace period')
    tell(`gc: pod ${uuid} not removed: still within grace period (${formatDuration(graceMs)})`);
  else tell(`gc: moving ${WHAT_MOVES[step.kind]} ${uuid} to garbage`);
}

/** rkt's words. */
const WHAT_MOVES = {
  'to exited-garbage': 'pod',
  'failed prepare': 'failed prepare',
  'expired prepared': 'expired prepared pod',
} as const;
