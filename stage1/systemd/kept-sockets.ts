import { closeSync } from 'node:fs';
import { type Course, mayStartMain, type Rules } from '../supervisor/course.ts';
import type { ListeningSocket } from './sockets.ts';

/** The listening sockets of apps, for as long as an app may be started with them. */
export interface KeptSockets {
  /** Those of an app; none once they were released. */
  readonly of: (app: string) => readonly ListeningSocket[];
  /**
   * Closes what no app will be started with any more. Connections to an app that is over are refused then, unless the service manager
   * listens, too; else they would wait for ever.
   */
  readonly release: (course: Course, rules: Rules) => void;
  /** What a sleeping supervisor has to remember of them. */
  readonly kept: () => Readonly<Record<string, readonly ListeningSocket[]>>;
}

export function keepSockets(sockets: Iterable<readonly [string, readonly ListeningSocket[]]>): KeptSockets {
  const open = new Map(sockets);
  return {
    of: (app) => open.get(app) ?? [],
    release(course, rules) {
      const needed = mayStartMain(course, rules);
      for (const [app, own] of open) {
        if (needed.has(app)) continue;
        for (const { fd } of own) closeSync(fd);
        open.delete(app);
      }
    },
    kept: () => Object.fromEntries([...open].map(([app, own]) => [app, own.map(named)])),
  };
}

function named({ fd, name }: ListeningSocket): ListeningSocket {
  return { fd, name };
}
