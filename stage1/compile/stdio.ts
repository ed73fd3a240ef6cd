import { constants } from 'node:os';
import { AT_EMPTY_PATH, F_SETFD, O_CLOEXEC } from '../../linux/fcntl.ts';
import { OPEN_TREE } from '../../linux/mount.ts';
import { flags, type Step, text } from '../program/step.ts';
import { CWD, shown } from './args.ts';

const { EPERM } = constants.errno;

/** asm-generic/ioctls.h */
const TIOCSCTTY = 0x540e;

/** Our file descriptors that become the app's 0, 1 and 2. */
export type Stdio = readonly [number, number, number];

/** dup3(2) clears close-on-exec, which the runtime set on its own 0, 1 and 2 when it started. */
export function setStdio(stdio: Stdio): readonly Step[] {
  // a fd that is itself one of 0 to 2 is moved up first, or an earlier dup would overwrite it
  return stdio.map(
    (fd, target): Step =>
      fd === target
        ? { call: 'fcntl', args: [target, shown(F_SETFD, 'F_SETFD'), 0], tolerate: 'any' }
        : { call: 'dup3', args: [fd, target, 0], what: `set file descriptor ${target}` },
  );
}

/** A session of its own, so that no terminal of the host controls or is controlled by the app. */
export const newSession: Step = { call: 'setsid', args: [], what: 'start a session' };

/**
 * Makes the app's user the owner of the terminal on this fd, who may then open /dev/console again. In a user namespace the
 * terminal's group is nobody's, so it can have no other owner (EPERM): then its user has it by fd only.
 */
export function ownTerminal(uid: number, isInUserNamespace: boolean, fd: number): Step {
  return {
    call: 'fchownat',
    args: [fd, text(''), uid, -1, shown(AT_EMPTY_PATH, 'AT_EMPTY_PATH')],
    what: 'take the terminal',
    ...(isInUserNamespace ? { tolerate: EPERM } : {}),
  };
}

/** Makes the terminal on this fd control the session. */
export function takeTerminal(fd: number): Step {
  return { call: 'ioctl', args: [fd, shown(TIOCSCTTY, 'TIOCSCTTY'), 0], what: 'take the terminal' };
}

/** A mount of the terminal itself, to be attached to /dev/console. */
export function terminalMount(terminal: string, name: string): Step {
  const how = flags(OPEN_TREE, 'OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC');
  return {
    call: 'open_tree',
    args: [CWD, text(terminal), how],
    as: name,
    what: 'bind the terminal to /dev/console',
  };
}

/** Listening sockets become the descriptors from 3 on (sd_listen_fds(3)). Theirs are far above, so none overwrites another. */
export function passSockets(sockets: readonly number[]): readonly Step[] {
  return sockets.map((fd, index) => ({
    call: 'dup3',
    args: [fd, 3 + index, 0],
    what: `pass on socket ${index + 1}`,
  }));
}

/**
 * Closes everything above fd 2 and the sockets passed on. Not merely close-on-exec: after this no working directory such as
 * /proc/self/fd/7 can name a directory of the host (CVE-2024-21626).
 */
export function closeOthers(sockets: number): Step {
  return {
    call: 'close_range',
    args: [3 + sockets, shown(0xffff_ffff, '~0'), 0],
    what: 'close inherited file descriptors',
  };
}

/** Writes a word to a file of the kernel, as `echo` would. */
export function writeFile(path: string, content: string, what: string): readonly Step[] {
  const fd = path;
  const bytes = Buffer.from(content);
  return [
    {
      call: 'openat',
      args: [CWD, text(path), shown(1 | O_CLOEXEC, 'O_WRONLY|O_CLOEXEC'), 0],
      as: fd,
      what,
    },
    { call: 'write', args: [{ from: fd }, { bytes, shown: JSON.stringify(content) }, bytes.length], what },
    { call: 'close', args: [{ from: fd }] },
  ];
}
