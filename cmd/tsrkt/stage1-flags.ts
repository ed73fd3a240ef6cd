import { chooseStage1, type NamedStage1, type Stage1Choice } from '../../stage0/stage1/choice.ts';
import { stage1Defaults } from '../../stage0/stage1/configured.ts';
import { checkExecutable } from '../../stage0/stage1/executable.ts';
import type { Flags, FlagValues } from '../flag.ts';
import type { Globals } from './globals.ts';

/** The flags of `run` and `prepare` that choose the stage1; one of them at most. */
export const STAGE1_FLAGS = {
  'stage1-path': {
    kind: 'string',
    value: 'FILE',
    describe: 'another stage1 to use: an image FILE.aci, or an executable',
  },
  'stage1-url': { kind: 'string', value: 'URL', describe: 'a stage1 image on a server' },
  'stage1-name': {
    kind: 'string',
    value: 'NAME[:VERSION]',
    describe: 'a stage1 image by its name, from the store or by discovery',
  },
  'stage1-hash': { kind: 'string', value: 'ID', describe: 'a stage1 image in the store' },
  'stage1-from-dir': {
    kind: 'string',
    value: 'NAME',
    describe: 'a file in the directory stage1-images of the configuration, as --stage1-path',
  },
} as const satisfies Flags;

/**
 * The stage1 that flags or the configuration choose. Call it before this process becomes root of a user namespace, too: there the
 * host's users cannot be told apart.
 */
export function stage1Choice(values: FlagValues<typeof STAGE1_FLAGS>, globals: Globals): Stage1Choice {
  const { systemConfig, localConfig, userConfig } = globals;
  const directories = [systemConfig, localConfig, ...(userConfig === undefined ? [] : [userConfig])];
  const choice = chooseStage1(values, () => stage1Defaults(directories));
  if (choice.kind !== 'own') checkFiles(choice);
  return choice;
}

/** Whose its files are, those of the second choice too. */
function checkFiles(choice: NamedStage1): void {
  if (choice.kind === 'executable') checkExecutable(choice.path);
  else if (choice.otherwise !== undefined) checkFiles(choice.otherwise);
}

/** Of `run-prepared`: the pod was prepared for a stage1, which may be an image's. */
export const STAGE1_EXECUTABLE = {
  'stage1-path': { kind: 'string', value: 'FILE', describe: 'another stage1 to use, an executable' },
} as const satisfies Flags;

/** What it names, looked at for its owner, see {@link stage1Choice}. */
export function executableFlag({ 'stage1-path': path }: FlagValues<typeof STAGE1_EXECUTABLE>) {
  if (path !== undefined) checkExecutable(path);
  return path;
}
