import { isatty } from 'node:tty';
import { writeError } from './output.ts';
import { formatSize } from './size.ts';

const WIDTH = 30;
const INTERVAL_MS = 100;

/** Shows how much of something has come: one line of a terminal that is written again and again. */
export type ShowProgress = (what: string, done: number, total: number | undefined) => void;

/** Draws on stderr if that is a terminal. The line ends when all has come. */
export function progressLine(isTerminal = isatty(2), draw = writeError): ShowProgress {
  if (!isTerminal) return () => {};
  let drawn = 0;
  return (what, done, total) => {
    const isComplete = done === total;
    if (!isComplete && Date.now() - drawn < INTERVAL_MS) return;
    drawn = Date.now();
    draw(`\r${progressText(what, done, total)}\u001b[K${isComplete ? '\n' : ''}`);
  };
}

/** `Downloading ACI: [=========>          ] 1.9 MiB/4 MiB` */
export function progressText(what: string, done: number, total: number | undefined): string {
  if (total === undefined) return `${what}: ${formatSize(done)}`;
  const filled = total === 0 ? WIDTH : Math.min(WIDTH, Math.floor((done / total) * WIDTH));
  const bar = `${'='.repeat(filled)}${filled < WIDTH ? '>' : ''}`.padEnd(WIDTH);
  return `${what}: [${bar.slice(0, WIDTH)}] ${formatSize(done)}/${formatSize(total)}`;
}
