import { writeFileSync } from 'node:fs';
import { formatJson } from '../../schema/format-json.ts';
import type { Uuid } from '../../schema/uuid.ts';
import { becomeRoot } from '../../stage0/rootless/become-root.ts';
import type { Command } from '../command.ts';
import { type Flags, type FlagValues, UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { print } from '../output.ts';
import { type AppArgs, splitAppArgs } from './app-args.ts';
import { APP_FLAGS } from './app-flags.ts';
import type { Globals } from './globals.ts';
import { requireImages } from './pod-manifest-flag.ts';
import { PREPARE_FLAGS } from './prepare-flags.ts';
import { prepareRequest } from './prepare-request.ts';
import { RUN_FLAGS, runRequest } from './run-flags.ts';
import { stage1Choice } from './stage1-flags.ts';
import { warner } from './warner.ts';

const FLAGS = {
  ...PREPARE_FLAGS,
  ...RUN_FLAGS,
  'uuid-file-save': {
    kind: 'string',
    value: 'FILE',
    describe: "write the pod's UUID there as soon as it has one",
  },
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

async function prepareAndRun(apps: readonly AppArgs[], values: Values, globals: Globals): Promise<never> {
  const { findStage1 } = await import('../../stage0/run/become-stage1.ts');
  const { executableOf } = await import('../../stage0/stage1/of-pod.ts');
  const { preparePod } = await import('../../stage0/prepare/prepare.ts');
  const { runPod } = await import('../../stage0/run.ts');
  const howToRun = runRequest(values, globals);
  const request = prepareRequest(apps, values, globals, {
    command: 'run',
    durable: false,
    onCreated: (uuid) => saveUuid(values['uuid-file-save'], uuid),
  });
  if (request.stage1.kind === 'own') findStage1();
  const prepared = await preparePod(request);
  return runPod(prepared, howToRun, {
    dataDirectory: globals.dataDirectory,
    stage1: executableOf(prepared.stage1),
    keepOnFailure: false,
    onWarning: warner('run'),
  });
}

/** The pod manifest, the runtime-spec configs, and the system calls stage1 would make of them. */
async function dryRun(apps: readonly AppArgs[], values: Values, globals: Globals): Promise<number> {
  const { planDryRun, printPrograms } = await import('../../stage0/dry-run.ts');
  const { executableOf } = await import('../../stage0/stage1/of-pod.ts');
  const details = { command: 'run', durable: false, onCreated: () => {} };
  const request = prepareRequest(apps, values, globals, details);
  const howToRun = runRequest(values, globals);
  const { stage1: choice } = request;
  const stage1 = executableOf(choice.kind === 'executable' ? choice : undefined);
  if (choice.kind === 'image')
    request.onWarning("no image of a stage1 is unpacked: the programs are those of tsrkt's own");
  const plan = await planDryRun(request, howToRun);
  for (const warning of plan.warnings) request.onWarning(warning);
  for (const [name, document] of Object.entries(plan.documents))
    print(`# ${name}\n${formatJson(document, 2)}\n`);
  return printPrograms(stage1, plan);
}

function saveUuid(path: string | undefined, uuid: Uuid): void {
  if (path !== undefined) writeFileSync(path, `${uuid}\n`);
}
