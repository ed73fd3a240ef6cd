import { writeSync } from 'node:fs';

/** Says on standard error what does not go as asked for, though the pod goes on. */
export function warn(sentence: string): void {
  writeSync(2, `stage1: warning: ${sentence}\n`);
}
