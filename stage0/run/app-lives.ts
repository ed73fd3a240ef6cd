import { type Annotations, annotationValue } from '../../schema/annotation.ts';
import type { EventHandler } from '../../schema/app.ts';
import { oneOf } from '../../schema/decode.ts';
import type { AppLife } from '../../schema/pod-files.ts';

/** The annotations of an app that say what happens around it. */
export const RESTART = 'tsrkt/restart';
export const HANDLERS_AS = 'tsrkt/event-handlers-as';

export const restartPolicy = oneOf('no', 'on-failure', 'always');
const handlersAs = oneOf('app', 'root');

/** An app as far as its life is described. */
export interface LivingApp {
  readonly name: string;
  readonly eventHandlers: readonly EventHandler[];
  /** Those of the pod manifest, and below them the image's. */
  readonly annotations: readonly Annotations[];
}

/**
 * What stage1 is told of the lives of a pod's apps; undefined where nothing is to happen around any. Handlers run as the app
 * does (appc spec, "Event Handlers") unless an annotation says root, as which rkt ran them.
 */
export function appLives(apps: readonly LivingApp[]): Readonly<Record<string, AppLife>> | undefined {
  const lives = apps.flatMap((app): [string, AppLife][] => {
    const life = appLife(app);
    return Object.keys(life).length === 0 ? [] : [[app.name, life]];
  });
  return lives.length === 0 ? undefined : Object.fromEntries(lives);
}

function appLife({ name, eventHandlers, annotations }: LivingApp): AppLife {
  const said = (annotation: string) =>
    annotations.map((each) => annotationValue(each, annotation)).find((value) => value !== undefined);
  const preStart = execOf('pre-start', eventHandlers);
  const postStop = execOf('post-stop', eventHandlers);
  const restart = restartPolicy(said(RESTART) ?? 'no', `app ${JSON.stringify(name)}: ${RESTART}`);
  const as = handlersAs(said(HANDLERS_AS) ?? 'app', `app ${JSON.stringify(name)}: ${HANDLERS_AS}`);
  return {
    ...(preStart && { preStart }),
    ...(postStop && { postStop }),
    ...(as === 'root' && (preStart || postStop) ? { handlersAsRoot: true } : {}),
    ...(restart === 'no' ? {} : { restart }),
  };
}

/** A handler without a program does nothing. */
function execOf(event: EventHandler['name'], handlers: readonly EventHandler[]) {
  const exec = handlers.find(({ name }) => name === event)?.exec;
  return exec && exec.length > 0 ? exec : undefined;
}
