import { type Annotations, annotationValue } from '../../schema/annotation.ts';
import type { AppStdio } from '../../schema/pod-files.ts';
import { inputMode, outputMode } from '../../schema/pod-files.ts';

/** The annotations of an app in the pod manifest that say where its standard streams lead: rkt's. */
export const STDIO = {
  stdin: 'coreos.com/rkt/stage2/stdin',
  stdout: 'coreos.com/rkt/stage2/stdout',
  stderr: 'coreos.com/rkt/stage2/stderr',
} as const;

/** Standard streams that cannot lead where they are wanted. */
export class StdioError extends Error {
  readonly code = 'ERR_STDIO';
}

export interface StreamingApp {
  readonly name: string;
  readonly annotations: Annotations;
}

export interface HowToRun {
  readonly interactive: boolean;
  readonly flavor: string;
}

/** What stage1 is told of the standard streams of a pod's apps; undefined where nobody said anything of any. */
export function appsStdio(
  apps: readonly StreamingApp[],
  { interactive, flavor }: HowToRun,
): Readonly<Record<string, AppStdio>> | undefined {
  const said = apps.flatMap((app): [string, AppStdio][] => {
    const stdio = appStdio(app);
    return Object.keys(stdio).length === 0 ? [] : [[app.name, stdio]];
  });
  const [first] = said;
  if (first === undefined) return undefined;
  const [app] = first;
  const what = `app ${JSON.stringify(app)}: --stdin, --stdout and --stderr`;
  if (interactive)
    throw new StdioError(`${what} do not work with --interactive, which gives the app a terminal`);
  if (flavor === 'fly')
    throw new StdioError(`${what} do not work with --stage1=fly, which supervises nothing`);
  return Object.fromEntries(said);
}

/** Whether one of the streams is a terminal. */
export function hasTerminal({ stdin, stdout, stderr }: AppStdio): boolean {
  return [stdin, stdout, stderr].includes('tty');
}

/** rkt wrote `interactive` where `--interactive` was given, which is said anew for each run. */
function appStdio({ name, annotations }: StreamingApp): AppStdio {
  const said = (stream: keyof typeof STDIO) => {
    const value = annotationValue(annotations, STDIO[stream]);
    return value === 'interactive' ? undefined : value;
  };
  const at = (stream: keyof typeof STDIO) => `app ${JSON.stringify(name)}: ${STDIO[stream]}`;
  const [stdin, stdout, stderr] = [said('stdin'), said('stdout'), said('stderr')];
  return {
    ...(stdin === undefined ? {} : { stdin: inputMode(stdin, at('stdin')) }),
    ...(stdout === undefined ? {} : { stdout: outputMode(stdout, at('stdout')) }),
    ...(stderr === undefined ? {} : { stderr: outputMode(stderr, at('stderr')) }),
  };
}
