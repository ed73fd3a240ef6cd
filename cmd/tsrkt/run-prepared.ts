import { becomeRoot } from '../../stage0/rootless/become-root.ts';
import { checkExecutable } from '../../stage0/stage1/executable.ts';
import type { Command } from '../command.ts';
import { type Flags, UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { positionals } from '../positionals.ts';
import { fetchOptions } from './fetch-options.ts';
import type { Globals } from './globals.ts';
import { ALLOW_DOWNGRADE } from './prepare-flags.ts';
import { RUN_FLAGS, runRequest } from './run-flags.ts';
import { namedPod } from './uuid-arguments.ts';
import { warner } from './warner.ts';

const FLAGS = {
  ...RUN_FLAGS,
  ...ALLOW_DOWNGRADE,
  'stage1-path': { kind: 'string', value: 'FILE', describe: 'another stage1 to use, an executable' },
} as const satisfies Flags;

export const runPrepared: Command<Globals> = {
  usage: '[FLAGS] UUID',
  summary: 'Runs a pod that was prepared, with this process as its supervisor.',
  example: 'tsrkt run-prepared 6733c088',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const values = flagValues(FLAGS, given);
    const path = values['stage1-path'];
    if (path !== undefined) checkExecutable(path);
    becomeRoot();
    const { dataDirectory } = globals;
    const uuid = namedPod(words, undefined, dataDirectory);
    const { executableOf } = await import('../../stage0/stage1/of-pod.ts');
    const { takePreparedPod } = await import('../../stage0/prepare/load.ts');
    const { runPod } = await import('../../stage0/run.ts');
    const { reviewPod } = await import('../../stage0/trust/review-pod.ts');
    const request = runRequest(values, globals);
    const prepared = takePreparedPod(dataDirectory, uuid);
    const stage1 = executableOf(path === undefined ? prepared.stage1 : { kind: 'executable', path });
    if (values.interactive && prepared.images.length > 1)
      throw new UsageError('interactive option only supports pods with one app');
    const reviewed = await reviewPod(prepared, {
      ...fetchOptions('run-prepared', globals, 'never'),
      dataDirectory,
      allowDowngrade: values['allow-downgrade'],
    });
    return runPod(reviewed, request, {
      dataDirectory,
      stage1,
      keepOnFailure: true,
      onWarning: warner('run-prepared'),
    });
  },
};
