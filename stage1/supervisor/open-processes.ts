import { openPidFd, type PidFd } from '../../linux/pidfd.ts';

/** Children by fd: each is readable once the child has ended. */
export interface OpenProcesses extends Disposable {
  readonly fds: Iterable<number>;
  open(pid: number): void;
  close(pid: number): void;
}

export function openProcesses(pids: readonly number[]): OpenProcesses {
  const open = new Map<number, PidFd>(pids.map((pid) => [pid, openPidFd(pid)]));
  const close = (pid: number) => {
    open.get(pid)?.[Symbol.dispose]();
    open.delete(pid);
  };
  return {
    get fds() {
      return [...open.values()].map(({ fd }) => fd);
    },
    open: (pid) => void open.set(pid, openPidFd(pid)),
    close,
    [Symbol.dispose]: () => [...open.keys()].forEach(close),
  };
}
