/**
 * What systemd says to the process it starts, and to no other (systemd.exec(5), "Environment Variables Set or Propagated by
 * the Service Manager"; sd_notify(3), sd_listen_fds(3), sd_watchdog_enabled(3)).
 */
const OURS_ALONE: ReadonlySet<string> = new Set([
  'CREDENTIALS_DIRECTORY',
  'FDSTORE',
  'INVOCATION_ID',
  'JOURNAL_STREAM',
  'LISTEN_FDNAMES',
  'LISTEN_FDS',
  'LISTEN_PID',
  'LISTEN_PIDFDID',
  'MAINPID',
  'MANAGERPID',
  'MANAGERPIDFDID',
  'MEMORY_PRESSURE_WATCH',
  'MEMORY_PRESSURE_WRITE',
  'NOTIFY_SOCKET',
  'PIDFILE',
  'SYSTEMD_EXEC_PID',
  'WATCHDOG_PID',
  'WATCHDOG_USEC',
]);

/** Whether a variable is between us and the service manager: no app inherits it. */
export function isOfServiceManager(name: string): boolean {
  return OURS_ALONE.has(name);
}
