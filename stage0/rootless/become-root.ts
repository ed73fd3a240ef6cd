import { homedir } from 'node:os';
import { execve, keepAcrossExec } from '../../linux/exec.ts';
import { keepGivenDescriptors } from '../../linux/listening-socket.ts';
import { findStage1 } from '../run/become-stage1.ts';
import { ROOTLESS } from './ordinary-user.ts';

/**
 * Starts this very command again, as root of a user namespace that has all ids the host gives its user: trees of images keep
 * their owners there, and pods run as they do for root. Same process; returns at once for root. With `namespace` (an fd) it is
 * that user namespace, a pod's, whose root may touch what is the pod's.
 */
export function becomeRoot(namespace?: number): void {
  const uid = process.geteuid?.() ?? 0;
  if (uid === 0) return;
  const env = {
    ...process.env,
    HOME: process.env['HOME'] ?? homedir(),
    [ROOTLESS]: String(uid),
    ...given(namespace),
  };
  keepGivenDescriptors();
  execve({
    path: findStage1(),
    argv: ['stage1', 'become-root', process.execPath, ...ownArguments()],
    env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
  });
}

function given(namespace: number | undefined): Readonly<Record<string, string>> {
  if (namespace === undefined) return {};
  keepAcrossExec(namespace);
  return { TSRKT_USER_NAMESPACE_FD: String(namespace) };
}

/** Beginning with argv[0]. A compiled program has its script built in. */
function ownArguments(): readonly string[] {
  const [program = 'tsrkt', script = '', ...rest] = process.argv;
  return script.startsWith('/$bunfs/') ? ['tsrkt', ...rest] : [program, script, ...rest];
}
