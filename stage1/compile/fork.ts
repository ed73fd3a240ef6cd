import { CLONE, cloneArgs } from '../../linux/namespace.ts';
import { CHILD } from '../program/start-child.ts';
import { type Arg, type Step, struct, structOf } from '../program/step.ts';

const FLAGS = ['CLONE_VM', 'CLONE_VFORK', 'CLONE_PARENT', 'CLONE_CLEAR_SIGHAND'] as const;

/**
 * The fork step: from here on the child goes on, a child of the supervisor itself, in the namespaces joined so far. With
 * `pid` it gets that pid in the PID namespace joined, or the step fails with EEXIST.
 */
export function fork(pid?: number): Step {
  const flags = FLAGS.reduce((sum, name) => sum + CLONE[name], 0);
  const { length } = cloneArgs(flags);
  const args = pid === undefined ? struct(cloneArgs(flags), `{${FLAGS.join('|')}}`) : withPid(flags, pid);
  return { call: 'clone3', args: [args, length], as: CHILD, fork: true };
}

/** struct clone_args as cloneArgs() makes it, and set_tid at 64 and set_tid_size at 72. */
function withPid(flags: number, pid: number): Arg {
  const tid = Buffer.alloc(4);
  tid.writeInt32LE(pid);
  const words = [flags, 0, 0, 0, 0, 0, 0, 0, struct(tid, `[${pid}]`), 1, 0];
  return structOf(words, `{${FLAGS.join('|')}, set_tid=[${pid}]}`);
}
