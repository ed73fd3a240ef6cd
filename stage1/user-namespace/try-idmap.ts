import { openSync } from 'node:fs';
import { OPEN_TREE } from '../../linux/mount.ts';
import { blockSignals } from '../../linux/signal.ts';
import { waitFor } from '../../linux/wait.ts';
import { CWD } from '../compile/args.ts';
import { idmap } from '../compile/idmapped-mount.ts';
import { failure } from '../program/failure.ts';
import { spawn } from '../program/spawn.ts';
import { flags, type Program, text } from '../program/step.ts';
import { holdUserNamespace } from './hold.ts';
import { writeMaps } from './write-maps.ts';

/**
 * Whether the owners of files in a directory can be mapped (mount_setattr(2)): tried, for it depends on the kernel, the file
 * system and what we may do. Throws the SystemError otherwise; leaves nothing behind.
 */
export function tryIdmap(directory: string): void {
  blockSignals();
  using holder = holdUserNamespace();
  const map = [{ containerID: 0, hostID: 0x8_0000, size: 0x1_0000 }];
  writeMaps(holder.pid, { uids: map, gids: map });
  using child = spawn(attempt(directory, openSync(`/proc/${holder.pid}/ns/user`, 'r')), 0, true);
  waitFor(child.pid);
  const error = failure(child.program, child.results());
  if (error !== undefined) throw error;
}

function attempt(directory: string, userNamespace: number): Program {
  const what = `map the owners of ${directory}`;
  const how = flags(OPEN_TREE, 'OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC');
  return {
    name: 'private users',
    steps: [
      { call: 'open_tree', args: [CWD, text(directory), how], as: 'tree', what },
      idmap('tree', userNamespace, what),
      { call: 'exit_group', args: [0] },
    ],
  };
}
