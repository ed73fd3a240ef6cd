import { acIdentifier } from '../../schema/ac-identifier.ts';
import { becomeRoot } from '../../stage0/rootless/become-root.ts';
import type { Command } from '../command.ts';
import type { Flags, FlagValues } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { positionals, refuseWords } from '../positionals.ts';
import { pair } from './app-flags.ts';
import { engineOf } from './engine.ts';
import type { Globals } from './globals.ts';
import { PREPARE_FLAGS, SANDBOX_PORT_FLAG, sandboxPorts } from './prepare-flags.ts';
import { RUN_FLAGS, runWish } from './run-flags.ts';
import { STAGE1_FLAGS, stage1Choice } from './stage1-flags.ts';
import { saveUuid, UUID_FILE_SAVE_FLAG } from './uuid-file-save.ts';
import { VOLUME_FLAGS, volumesOf } from './volume-flags.ts';

const FLAGS = {
  annotation: { kind: 'list', value: 'NAME=VALUE', describe: 'annotate the pod' },
  'user-annotation': { kind: 'list', value: 'NAME=VALUE', describe: 'annotate the pod, for users' },
  'user-label': { kind: 'list', value: 'NAME=VALUE', describe: 'label the pod, for users' },
  ...SANDBOX_PORT_FLAG,
  volume: VOLUME_FLAGS.volume,
  'no-overlay': PREPARE_FLAGS['no-overlay'],
  'private-users': PREPARE_FLAGS['private-users'],
  net: RUN_FLAGS.net,
  dns: RUN_FLAGS.dns,
  'dns-search': RUN_FLAGS['dns-search'],
  'dns-opt': RUN_FLAGS['dns-opt'],
  'dns-domain': RUN_FLAGS['dns-domain'],
  'hosts-entry': RUN_FLAGS['hosts-entry'],
  hostname: RUN_FLAGS.hostname,
  journal: RUN_FLAGS.journal,
  ipc: RUN_FLAGS.ipc,
  'time-offset': RUN_FLAGS['time-offset'],
  ...STAGE1_FLAGS,
  ...UUID_FILE_SAVE_FLAG,
} as const satisfies Flags;

export const appSandbox: Command<Globals> = {
  usage: '[FLAGS]',
  summary:
    'Runs a pod without apps, with this process as its supervisor, until it is stopped. Apps are added to it, started, stopped and removed by ' +
    'app add, start, stop and rm.',
  example: 'tsrkt app sandbox --net=default --port=http:tcp:80::8080 --uuid-file-save=/run/web.uuid',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    refuseWords(words);
    const values = flagValues(FLAGS, given);
    const stage1 = stage1Choice(values, globals);
    const sandbox = { ...sandboxWish(values), stage1 };
    becomeRoot();
    return engineOf('sandbox', globals).becomeSandbox(sandbox, howToRun(values, globals));
  },
};

type Values = FlagValues<typeof FLAGS>;

function sandboxWish(values: Values) {
  return {
    annotations: values.annotation.map((text) => {
      const [name, value] = pair('annotation', text);
      return { name: acIdentifier(name, '--annotation'), value };
    }),
    userAnnotations: pairs('user-annotation', values['user-annotation']),
    userLabels: pairs('user-label', values['user-label']),
    ports: sandboxPorts(values),
    volumes: volumesOf({ volume: values.volume, mount: [] }),
    overlay: !values['no-overlay'],
    privateUsers: values['private-users'],
    onCreated: (uuid: string) => saveUuid(values['uuid-file-save'], uuid),
  };
}

function pairs(flag: string, texts: readonly string[]) {
  return Object.fromEntries(texts.map((text) => pair(flag, text)));
}

/** What a sandbox cannot be asked for is as if it was not said. */
function howToRun(values: Values, globals: Globals) {
  const unsaid = { interactive: false, 'mds-register': false, 'exit-on': undefined, stage1: undefined };
  return runWish({ ...values, ...unsaid }, globals);
}
