import { resolveUuid } from '../../stage0/pod/find.ts';
import type { Command } from '../command.ts';
import { type Flags, UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { tell } from '../output.ts';
import { positionals } from '../positionals.ts';
import { safeText } from '../safe-text.ts';
import type { Globals } from './globals.ts';

const FLAGS = {
  app: { kind: 'string', value: 'NAME', describe: 'which app, where the pod has several' },
} as const satisfies Flags;

export const cp: Command<Globals> = {
  usage: '[FLAGS] UUID:PATH PATH | PATH UUID:PATH',
  summary:
    'Copies files, and directories with all in them, out of an app of a running pod or into it. A path here that looks like ' +
    'UUID:PATH begins with ./ or /.',
  example: 'tsrkt cp --app=web 6733c088:/var/log/web.log .',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const copying = parseCopying(words);
    const uuid = resolveUuid(globals.dataDirectory, copying.pod);
    const { app: name } = flagValues(FLAGS, given);
    const { becomeRootOfPod } = await import('../../stage0/cp/become-root-of-pod.ts');
    await becomeRootOfPod(globals.dataDirectory, uuid, name);
    const { openRunningApp } = await import('../../stage0/enter/running-app.ts');
    const { copyFiles } = await import('../../stage0/cp/copy-files.ts');
    using app = await openRunningApp(globals.dataDirectory, uuid, name);
    const onSkipped = (name: string) =>
      tell(`cp: ${safeText(name)} is no file, directory or link: not copied`);
    copyFiles(app, { ...copying, onSkipped });
    return 0;
  },
};

/** Which way, which pod, and which paths. */
export function parseCopying([from, to, ...others]: readonly string[]) {
  if (from === undefined || to === undefined || others.length > 0)
    throw new UsageError('expected what to copy, and where to');
  const [source, target] = [splitPlace(from), splitPlace(to)];
  if (source.pod !== undefined && target.pod === undefined)
    return { direction: 'out', pod: source.pod, from: source.path, to: target.path } as const;
  if (source.pod === undefined && target.pod !== undefined)
    return { direction: 'in', pod: target.pod, from: source.path, to: target.path } as const;
  throw new UsageError('one of the two has to be in a pod (UUID:PATH), and one here');
}

function splitPlace(text: string): { readonly pod: string | undefined; readonly path: string } {
  const [, pod, path] = /^([0-9a-fA-F][0-9a-fA-F-]*):(.*)$/s.exec(text) ?? [];
  return pod === undefined ? { pod, path: text } : { pod, path: path || '/' };
}
