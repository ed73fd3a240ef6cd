import { readFileSync, statSync } from 'node:fs';
import { outerId, parseIdMap } from '../../linux/id-map.ts';
import { openAppRoot } from '../enter/app-root.ts';
import type { RunningApp } from '../enter/running-app.ts';
import { copy } from './copy.ts';
import { destinationOf, here, insideOf, type Side, spotOf } from './side.ts';

/** A copy between this machine and a running app. */
export interface Copying {
  readonly direction: 'in' | 'out';
  readonly from: string;
  readonly to: string;
  readonly onSkipped: (name: string) => void;
}

/**
 * Copies files into an app, where they are its root's, or out of it, where they are the caller's own and set-uid bits are
 * taken away. A directory that is there gets the copy below it, as with cp(1).
 */
export function copyFiles(app: RunningApp, { direction, from, to, onSkipped }: Copying): void {
  using root = openAppRoot(app);
  const inside = insideOf(root.fd);
  const [source, target]: [Side, Side] = direction === 'in' ? [here, inside] : [inside, here];
  using what = spotOf(source, from);
  using where = destinationOf(target, to, what.name);
  const owner =
    direction === 'in' ? rootOf(app) : { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
  copy(what, where, { ...owner, modeMask: direction === 'in' ? 0o7777 : 0o777, onSkipped });
}

/** Who root of the app is here: a pod may have users of its own. */
function rootOf({ pid }: RunningApp): { readonly uid: number; readonly gid: number } {
  if (namespaceOf('self') === namespaceOf(pid)) return { uid: 0, gid: 0 };
  const root = (name: string) => outerId(parseIdMap(readFileSync(`/proc/${pid}/${name}`, 'utf8')), 0) ?? 0;
  return { uid: root('uid_map'), gid: root('gid_map') };
}

function namespaceOf(process: number | 'self'): bigint {
  return statSync(`/proc/${process}/ns/user`, { bigint: true }).ino;
}
