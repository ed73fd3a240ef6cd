import { isTerminal } from '../linux/tty.ts';
import { writeError } from './output.ts';
import { progressLine, type Track } from './progress-line.ts';
import { terminalWidth } from './terminal-width.ts';

/** Shows how much of several things has come, each on a line of its own of a terminal. */
export interface Progress {
  /** So many bytes of `what` are here; undefined: nobody knows how many there will be. */
  show(what: string, done: number, total: number | undefined): void;
  /** Leaves what is drawn where it is: something else is about to be written. */
  interrupt(): void;
}

export interface ProgressScreen {
  /** Characters in a line. */
  readonly width: number;
  readonly draw: (text: string) => void;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Draws on stderr if that is a terminal, and if people want to see it. */
export function openProgress(isWanted: boolean): Progress {
  if (!isWanted || !isTerminal(2)) return { show: () => {}, interrupt: () => {} };
  return progressOn({ width: terminalWidth(2), draw: writeError, now: () => performance.now() });
}

const INTERVAL_MS = 100;

/** Lines that are complete stay; those that are not are drawn anew below them. */
export function progressOn({ width, draw, now }: ProgressScreen): Progress {
  const tracks = new Map<string, Track>();
  let rows = 0;
  let drawn = Number.NEGATIVE_INFINITY;
  const redraw = () => {
    const ordered = [...tracks.values()].sort((a, b) => Number(isComplete(b)) - Number(isComplete(a)));
    const lines = ordered.map((track) => `${progressLine(track, now()).slice(0, width)}\u001b[K\n`);
    draw((rows > 0 ? `\u001b[${rows}A` : '') + lines.join(''));
    for (const track of ordered) if (isComplete(track)) tracks.delete(track.what);
    rows = tracks.size;
    drawn = now();
  };
  return {
    show(what, done, total) {
      const track = tracks.get(what) ?? { what, done, total, since: now(), before: done };
      tracks.set(what, { ...track, done, total });
      if (done === total || now() - drawn >= INTERVAL_MS) redraw();
    },
    interrupt() {
      rows = 0;
    },
  };
}

function isComplete({ done, total }: Track): boolean {
  return done === total;
}
