/** What a service manager told this process when it started it, by the variables of sd_notify(3) and systemd.exec(5). */
export interface ManagerEnvironment {
  /** Where it wants to hear of us. */
  readonly notifySocket?: string;
  /** How long it waits for a keep-alive before it takes us for hung. */
  readonly watchdogMs?: number;
  /** We are what it executed itself, and it is our parent: how we end is what it sees. */
  readonly isParent: boolean;
  /** Device and inode of the stream to the journal that standard output or error is. */
  readonly journalStream?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the variables; those meant for another process are not for us. */
export function managerEnvironment(env: Environment, pid: number): ManagerEnvironment {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC, WATCHDOG_PID, SYSTEMD_EXEC_PID, JOURNAL_STREAM } = env;
  const watchdogMs = Math.floor(Number(WATCHDOG_USEC) / 1000);
  const isWatched = socket && watchdogMs > 0 && (WATCHDOG_PID === undefined || WATCHDOG_PID === `${pid}`);
  return {
    ...(socket ? { notifySocket: socket } : {}),
    ...(isWatched ? { watchdogMs } : {}),
    ...(JOURNAL_STREAM ? { journalStream: JOURNAL_STREAM } : {}),
    isParent: SYSTEMD_EXEC_PID === `${pid}`,
  };
}
