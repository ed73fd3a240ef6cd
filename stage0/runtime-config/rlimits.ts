import type { Rlimit } from '../../schema/runtime-config.ts';

/**
 * Under rkt apps had systemd's soft limit: select(2) cannot have more, and old programs close every fd up to it. Who wants
 * more raises it. What our caller's was is lost, because the JavaScript runtime has raised it.
 */
export function openFiles(hard: bigint): Rlimit {
  return { type: 'RLIMIT_NOFILE', soft: hard < 1024n ? hard : 1024n, hard };
}
