import { hasCode } from '../../linux/system-error.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import type { ListeningSocket } from './sockets.ts';

/** The sockets as a spawn program passes them on. */
export interface PassedSockets {
  readonly fds: readonly number[];
  readonly pid: number;
}

/**
 * Sockets are meant for the process whose pid LISTEN_PID says, as it sees itself. So an app that is given some is forked
 * with a pid chosen before, and where another process of the pod has that already, with the next.
 */
const FIRST_PID = 64;
const LAST_PID = 256;

/** Starts an app with sockets by `start`, which is given its config with what sd_listen_fds(3) reads. */
export function forSockets(
  config: RuntimeConfig,
  sockets: readonly ListeningSocket[],
  start: (config: RuntimeConfig, passed: PassedSockets) => number,
): number {
  const fds = sockets.map(({ fd }) => fd);
  for (let pid = FIRST_PID; ; pid++) {
    try {
      return start(withListenVariables(config, sockets, pid), { fds, pid });
    } catch (error) {
      if (pid === LAST_PID || !hasCode(error, 'EEXIST')) throw error;
    }
  }
}

function withListenVariables(
  config: RuntimeConfig,
  sockets: readonly ListeningSocket[],
  pid: number,
): RuntimeConfig {
  const { process } = config;
  if (process === undefined) return config;
  const env = [
    ...(process.env ?? []),
    `LISTEN_PID=${pid}`,
    `LISTEN_FDS=${sockets.length}`,
    `LISTEN_FDNAMES=${sockets.map(({ name }) => name).join(':')}`,
  ];
  return { ...config, process: { ...process, env } };
}
