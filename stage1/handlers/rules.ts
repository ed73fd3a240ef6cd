import type { AppLife, Runtime } from '../../schema/pod-files.ts';
import type { Rules } from '../supervisor/course.ts';
import type { AppRules } from '../supervisor/restart.ts';

/** The rules of a pod's course, from what stage0 wrote. */
export function rulesOf({ graceMs, exitOn = 'failure', mutable, lives = {} }: Runtime): Rules {
  const apps = Object.entries(lives).map(([name, life]): [string, AppRules] => [name, appRules(life)]);
  return { graceMs, exitOn: mutable ? 'signal' : exitOn, apps: Object.fromEntries(apps) };
}

function appRules({ preStart, postStop, restart = 'no' }: AppLife): AppRules {
  return { hasPreStart: preStart !== undefined, hasPostStop: postStop !== undefined, restart };
}
