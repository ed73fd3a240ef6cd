import { homedir } from 'node:os';
import { execve } from '../../linux/exec.ts';
import { keepGivenDescriptors } from '../../linux/listening-socket.ts';
import { findStage1 } from '../run/become-stage1.ts';
import { ROOTLESS } from './ordinary-user.ts';

/**
 * Starts this very command again, as root of a user namespace that has all ids the host gives its user: trees of images keep
 * their owners there, and pods run as they do for root. Same process; returns at once for root.
 */
export function becomeRoot(): void {
  const uid = process.geteuid?.() ?? 0;
  if (uid === 0) return;
  const env = { ...process.env, HOME: process.env['HOME'] ?? homedir(), [ROOTLESS]: String(uid) };
  keepGivenDescriptors();
  execve({
    path: findStage1(undefined),
    argv: ['stage1', 'become-root', process.execPath, ...ownArguments()],
    env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
  });
}

/** Beginning with argv[0]. A compiled program has its script built in. */
function ownArguments(): readonly string[] {
  const [program = 'tsrkt', script = '', ...rest] = process.argv;
  return script.startsWith('/$bunfs/') ? ['tsrkt', ...rest] : [program, script, ...rest];
}
