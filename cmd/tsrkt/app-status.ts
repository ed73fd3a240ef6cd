import type { AppInfo } from '../../stage0/pod/info.ts';
import type { Command } from '../command.ts';
import type { Flags } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { FORMAT_FLAG, formatAs } from '../json-format.ts';
import { print } from '../output.ts';
import { positionals } from '../positionals.ts';
import { safeText } from '../safe-text.ts';
import { formatTime } from '../time.ts';
import type { Globals } from './globals.ts';
import { appJson } from './pod-json.ts';
import { toDate } from './pod-text.ts';
import { namedPod, ONE_APP_FLAG, UUID_FILE_FLAG } from './uuid-arguments.ts';

const FLAGS = {
  ...ONE_APP_FLAG,
  ...UUID_FILE_FLAG,
  ...FORMAT_FLAG,
} as const satisfies Flags;

export const appStatus: Command<Globals> = {
  usage: '[FLAGS] UUID',
  summary: 'Shows how an app of a pod is.',
  example: 'tsrkt app status --app=web 6733c088',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const { app: wanted, format, 'uuid-file': file } = flagValues(FLAGS, given);
    const { podStatus } = await import('../../stage0/status.ts');
    const { chooseApp } = await import('../../stage0/enter/choose-app.ts');
    const { apps } = podStatus(globals.dataDirectory, namedPod(words, file, globals.dataDirectory));
    const name = chooseApp(
      apps.map((each) => each.name),
      wanted,
    );
    const app = apps.find((each) => each.name === name);
    if (app !== undefined) print(formatAs(format, appJson(app)) ?? appLines(app).join('\n'));
    return 0;
  },
};

/** rkt's lines, in rkt's order. */
export function appLines(app: AppInfo): readonly string[] {
  const time = (name: string, value: AppInfo['createdAt']) =>
    value === undefined ? [] : [`${name}=${formatTime(toDate(value))}`];
  const pairs = (name: string, values: Readonly<Record<string, string>>) =>
    Object.keys(values).length === 0 ? [] : [`${name}=${safeText(JSON.stringify(values))}`];
  return [
    `name=${app.name}`,
    `state=${app.state}`,
    `image_id=${app.imageId}`,
    ...time('created_at', app.createdAt),
    ...time('started_at', app.startedAt),
    ...time('finished_at', app.finishedAt),
    ...(app.exitCode === undefined ? [] : [`exit_code=${app.exitCode}`]),
    ...pairs('user_annotations', app.userAnnotations),
    ...pairs('user_labels', app.userLabels),
  ];
}
