import { waitForInit } from '../../linux/wait.ts';
import { endAttendants } from '../attach/end-attendants.ts';
import type { Writers } from '../stdio/streams.ts';
import { endWriters } from '../systemd/journal.ts';
import { removePodCgroups } from './cgroups.ts';
import { disconnectPod, type PodConnection } from './network.ts';

/** Whatever becomes of the networks, nothing of the pod is left running, and what it printed has reached the journal, its log and who is attached. */
export function takeDown(pause: number, { writers, attendants }: Writers, connection: PodConnection): void {
  try {
    disconnectPod(connection);
  } finally {
    process.kill(pause, 'SIGKILL');
    waitForInit(pause);
    endAttendants(attendants);
    endWriters(writers);
    removePodCgroups(connection.directory);
  }
}
