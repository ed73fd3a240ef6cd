import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../linux/durable-file.ts';

/**
 * The files by which a supervisor tells the world how its pod is (ARCHITECTURE.md, "A pod directory"). Each appears whole.
 * They are not synced: after a power loss nothing of the pod runs, and its unlocked directory says so.
 */
export interface StatusFiles {
  created(app: string): void;
  /** The time of its file is the start, its content the pid of the app's first process. */
  started(app: string, pid: number): void;
  /** The exit status of an app, or 128 plus the signal. */
  ended(app: string, status: number): void;
  /** The pause process runs; the time of this file is the pod's start. */
  running(pause: number): void;
  ready(): void;
}

export function statusFiles(podDirectory: string): StatusFiles {
  const write = (file: string, content: string) =>
    replaceFile(join(podDirectory, file), content, { sync: false });
  mkdirSync(join(podDirectory, 'status'), { recursive: true });
  return {
    created: (app) => write(`status/${app}-created`, ''),
    started(app, pid) {
      rmSync(join(podDirectory, `status/${app}`), { force: true }); // of the last time
      write(`status/${app}-started`, `${pid}\n`);
    },
    ended: (app, status) => write(`status/${app}`, `${status}\n`),
    running(pause) {
      write('ppid', `${process.pid}\n`);
      write('pid', `${pause}\n`);
    },
    ready: () => write('supervisor-status', 'ready\n'),
  };
}
