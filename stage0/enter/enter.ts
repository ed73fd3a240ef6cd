import { execve, keepAcrossExec } from '../../linux/exec.ts';
import { blockSignals } from '../../linux/signal.ts';
import { isThere, openAppRoot } from './app-root.ts';
import type { RunningApp } from './running-app.ts';

/** What to run in an app, and how. */
export interface EnterRequest {
  readonly command: readonly string[];
  /** As root with all capabilities and without the app's filter of system calls, yet in its namespaces and cgroup. */
  readonly privileged: boolean;
  /** With a terminal of its own. */
  readonly terminal: boolean;
}

/** This process becomes a stage1 that runs a command in the app, and ends as the command ends. Returns only by throwing. */
export function enterApp(app: RunningApp, request: EnterRequest): never {
  const { command, privileged, terminal } = request;
  const flags = [...(privileged ? ['--privileged'] : []), ...(terminal ? ['--terminal'] : [])];
  process.chdir(app.directory);
  keepAcrossExec(app.process.fd);
  blockSignals();
  const env = { ...process.env, TSRKT_APP_FD: String(app.process.fd), BUN_JSC_useJIT: '0' };
  execve({
    path: app.stage1,
    argv: ['stage1', 'enter', ...flags, app.uuid, app.name, '--', ...command],
    env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
  });
}

/** The shell to run in an app when no command is given: rkt's choice, or the one every image with a shell has. */
export function shellOf(app: RunningApp): string {
  using root = openAppRoot(app);
  return ['/bin/bash', '/bin/sh'].find((path) => isThere(root, path)) ?? '/bin/sh';
}
