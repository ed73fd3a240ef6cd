import { becomeRoot } from '../../stage0/rootless/become-root.ts';
import type { Command } from '../command.ts';
import { type Flags, UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { type AppArgs, splitAppArgs } from './app-args.ts';
import { APP_FLAGS } from './app-flags.ts';
import { engineOf } from './engine.ts';
import type { Globals } from './globals.ts';
import { ALLOW_DOWNGRADE } from './prepare-flags.ts';
import { onePod, UUID_FILE_FLAG } from './uuid-arguments.ts';
import { MNT_VOLUME_FLAG, ownVolumesOf } from './volume-flags.ts';
import { appWishes } from './wishes.ts';

const FLAGS = { ...ALLOW_DOWNGRADE, ...UUID_FILE_FLAG } as const satisfies Flags;

const FLAGS_OF_APP = { ...APP_FLAGS, ...MNT_VOLUME_FLAG } as const satisfies Flags;

export const appAdd: Command<Globals> = {
  usage: '[FLAGS] UUID IMAGE [IMAGE FLAGS] [-- ARGUMENTS]',
  summary: 'Adds an app to a running sandbox, of an image in the store or a file, without starting it.',
  example: 'tsrkt app add 6733c088 example.com/web --name=web --restart=on-failure',
  flags: FLAGS,
  appFlags: FLAGS_OF_APP,
  async run({ globals, tokens }) {
    const { podFlags, apps } = splitAppArgs(tokens, Object.keys(FLAGS_OF_APP), Object.keys(FLAGS));
    const values = flagValues(FLAGS, podFlags);
    const { uuid, image } = operands(apps, values['uuid-file']);
    const ownVolumes = ownVolumesOf(flagValues(FLAGS_OF_APP, image.flags));
    const [app] = appWishes([image]);
    if (app === undefined) throw new TypeError('no app');
    becomeRoot();
    const engine = engineOf('add', globals);
    await engine.addApp(uuid, app, { allowDowngrade: values['allow-downgrade'], ownVolumes });
    return 0;
  },
};

/** The first word is the pod, unless a file says which that is; the other is the image. */
function operands(words: readonly AppArgs[], uuidFile: string | undefined) {
  const [pod, image, ...others] = uuidFile === undefined ? words : [undefined, ...words];
  const uuid = onePod(pod === undefined ? [] : [pod.reference], uuidFile);
  const [stray] = pod?.flags ?? [];
  if (stray !== undefined) throw new UsageError(`--${stray.name} must follow an image`);
  if (pod?.args !== undefined) throw new UsageError('an image is required before any app arguments');
  if (image === undefined) throw new UsageError('expected an image');
  if (others.length > 0) throw new UsageError(`expected one image, got ${others.length + 1}`);
  return { uuid, image };
}
