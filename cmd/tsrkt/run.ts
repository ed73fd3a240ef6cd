import { formatJson } from '../../schema/format-json.ts';
import { becomeRoot } from '../../stage0/rootless/become-root.ts';
import type { Command } from '../command.ts';
import { type Flags, type FlagValues, UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { print } from '../output.ts';
import { type AppArgs, splitAppArgs } from './app-args.ts';
import { APP_FLAGS } from './app-flags.ts';
import { engineOf } from './engine.ts';
import type { Globals } from './globals.ts';
import { requireImages } from './pod-manifest-flag.ts';
import { PREPARE_FLAGS } from './prepare-flags.ts';
import { RUN_FLAGS, runWish } from './run-flags.ts';
import { stage1Choice } from './stage1-flags.ts';
import { saveUuid, UUID_FILE_SAVE_FLAG } from './uuid-file-save.ts';
import { appWishes, podWish } from './wishes.ts';

const FLAGS = {
  ...PREPARE_FLAGS,
  ...RUN_FLAGS,
  ...UUID_FILE_SAVE_FLAG,
  'dry-run': { kind: 'boolean', describe: 'print what would be run, and touch nothing' },
} as const satisfies Flags;

export const run: Command<Globals> = {
  usage: '[FLAGS] IMAGE [IMAGE FLAGS] [-- ARGUMENTS [---]] …',
  summary:
    'Makes a pod of images and runs it, with this process as its supervisor. Exits with the status of the first app that fails, ' +
    '128+N when that was signal N, 254 when the pod could not be run.',
  example: 'tsrkt run --insecure-options=image hello.aci --user=1000 -- --verbose',
  flags: FLAGS,
  appFlags: APP_FLAGS,
  async run({ globals, tokens }) {
    const { podFlags, apps } = splitAppArgs(tokens, Object.keys(APP_FLAGS), Object.keys(FLAGS));
    const values = flagValues(FLAGS, podFlags);
    requireImages(apps, values);
    refuseInteractive(apps, values.interactive);
    stage1Choice(values, globals);
    becomeRoot();
    if (values['dry-run']) return dryRun(apps, values, globals);
    return prepareAndRun(apps, values, globals);
  },
};

type Values = FlagValues<typeof FLAGS>;

function refuseInteractive(apps: readonly AppArgs[], interactive: boolean): void {
  if (interactive && apps.length > 1) throw new UsageError('interactive option only supports one image');
}

function prepareAndRun(apps: readonly AppArgs[], values: Values, globals: Globals): Promise<never> {
  const onCreated = (uuid: string) => saveUuid(values['uuid-file-save'], uuid);
  const pod = { ...podWish(apps, values, globals), onCreated };
  return engineOf('run', globals).become(appWishes(apps), pod, runWish(values, globals));
}

/** The pod manifest, the runtime-spec configs, and the system calls stage1 would make of them. */
async function dryRun(apps: readonly AppArgs[], values: Values, globals: Globals): Promise<number> {
  const pod = podWish(apps, values, globals);
  const plan = await engineOf('run', globals).plan(appWishes(apps), pod, runWish(values, globals));
  for (const [name, document] of Object.entries(plan.documents))
    print(`# ${name}\n${formatJson(document, 2)}\n`);
  return plan.printPrograms();
}
