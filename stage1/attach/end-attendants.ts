import { openPidFd, signalProcess } from '../../linux/pidfd.ts';
import { hasCode } from '../../linux/system-error.ts';
import { endWriters } from '../systemd/journal.ts';
import { POD_ENDED } from './asleep.ts';

/** Ends the attendants of a pod that has ended: those whom somebody is attached to show first what came last. They are our children. */
export function endAttendants(attendants: readonly number[]): void {
  tellEnded(attendants);
  endWriters(attendants);
}

/** Tells them that what they attend has ended, and does not wait for them. */
export function tellEnded(attendants: readonly number[]): void {
  for (const pid of attendants) {
    try {
      using attendant = openPidFd(pid);
      signalProcess(attendant, POD_ENDED);
    } catch (error) {
      if (!hasCode(error, 'ESRCH')) throw error;
    }
  }
}
