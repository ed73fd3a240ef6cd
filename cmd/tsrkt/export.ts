import { becomeRoot } from '../../stage0/rootless/become-root.ts';
import type { Command } from '../command.ts';
import { type Flags, UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { positionals } from '../positionals.ts';
import type { Globals } from './globals.ts';
import { namedPod } from './uuid-arguments.ts';

const FLAGS = {
  app: { kind: 'string', value: 'NAME', describe: 'which app, where the pod has several' },
  to: {
    kind: 'string',
    value: 'FORMAT',
    describe: 'aci (default), oci (a directory) or oci-archive (a tar)',
  },
  overwrite: { kind: 'boolean', describe: 'replace the file if it is there' },
} as const satisfies Flags;

export const exportPod: Command<Globals> = {
  usage: '[FLAGS] UUID FILE',
  summary: 'Makes an image of an app of a pod that has exited: its image with what the app changed.',
  example: 'tsrkt export --app=web 6733c088 web.aci',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const [text, out, ...others] = words;
    if (text === undefined || out === undefined || others.length > 0)
      throw new UsageError('expected the UUID of a pod and a file');
    const { app, to = 'aci', overwrite } = flagValues(FLAGS, given);
    const format = (['aci', 'oci', 'oci-archive'] as const).find((each) => each === to);
    if (format === undefined)
      throw new UsageError(`--to: expected aci, oci or oci-archive, got ${JSON.stringify(to)}`);
    becomeRoot();
    const uuid = namedPod([text], undefined, globals.dataDirectory);
    const { exportApp } = await import('../../stage0/export/export-app.ts');
    await exportApp(globals.dataDirectory, { uuid, app, out, format, overwrite });
    return 0;
  },
};
