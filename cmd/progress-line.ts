import { formatSize } from './size.ts';

/** Something that comes in bytes. */
export interface Track {
  readonly what: string;
  readonly done: number;
  readonly total: number | undefined;
  /** When it was first shown, in milliseconds, and how much was here then. */
  readonly since: number;
  readonly before: number;
}

const WIDTH = 30;

/** `Downloading ACI: [=========>          ] 1.9 MiB/4.0 MiB 1.2 MiB/s 2s` */
export function progressLine({ what, done, total, since, before }: Track, now: number): string {
  const seconds = (now - since) / 1000;
  const rate = seconds < 0.5 ? 0 : (done - before) / seconds;
  const speed = rate === 0 ? '' : ` ${formatSize(rate)}/s`;
  if (total === undefined) return `${what}: ${formatSize(done)}${speed}`;
  const left = rate === 0 || done >= total ? '' : ` ${formatSeconds((total - done) / rate)}`;
  return `${what}: [${bar(done, total)}] ${formatSize(done)}/${formatSize(total)}${speed}${left}`;
}

function bar(done: number, total: number): string {
  const filled = total === 0 ? WIDTH : Math.min(WIDTH, Math.floor((done / total) * WIDTH));
  return `${'='.repeat(filled)}${filled < WIDTH ? '>' : ''}`.padEnd(WIDTH).slice(0, WIDTH);
}

/** `7s`, `3m05s`, `2h10m` */
function formatSeconds(exact: number): string {
  const seconds = Math.ceil(exact);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h${two(Math.floor((seconds % 3600) / 60))}m`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
