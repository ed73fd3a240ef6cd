import { CLONE } from '../../linux/namespace.ts';
import type { Linux } from '../../schema/runtime-config.ts';
import { flags, type Step } from '../program/step.ts';
import { writeFile } from './stdio.ts';

/**
 * A time namespace whose boot-time and monotonic clocks are off by this much (time_namespaces(7)): the process enters it
 * when it is executed (since Linux 6.3). Written while the host's /proc is in view.
 */
export function setTimeOffsets(offsets: Linux['timeOffsets']): readonly Step[] {
  if (offsets === undefined) return [];
  const what = 'set the offsets of clocks';
  const lines = Object.entries(offsets).map(
    ([clock, { secs = 0n, nanosecs = 0 }]) => `${clock} ${secs} ${nanosecs}\n`,
  );
  return [
    { call: 'unshare', args: [flags(CLONE, 'CLONE_NEWTIME')], what },
    ...writeFile('/proc/self/timens_offsets', lines.join(''), what),
  ];
}
