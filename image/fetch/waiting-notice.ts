import type { FetchNotes } from './options.ts';

/** Tells, once for one fetch however often it has to wait, that another process is at it. `what` may be printed. */
export function waitingNotice(
  notes: Pick<FetchNotes, 'notice'>,
  doing: 'downloading' | 'importing' = 'downloading',
): (what: string) => void {
  let isTold = false;
  return (what) => {
    if (!isTold) notes.notice(`another tsrkt is ${doing} ${what}, waiting`);
    isTold = true;
  };
}
