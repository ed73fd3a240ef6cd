import { VolumeError } from './volume-error.ts';

/**
 * Refuses the places where no volume can be: the root, which is the image's, and /proc, whose files the kernel is asked by
 * and what reads them believes; files there that only tell figures may be covered, as runc allows it (lxcfs does so).
 */
export function checkTarget(app: string, volume: string, target: string): void {
  const isProc = target === '/proc' || target.startsWith('/proc/');
  if (target !== '/' && !(isProc && !FIGURES.includes(target))) return;
  const what = `app ${JSON.stringify(app)}: volume ${JSON.stringify(volume)}`;
  throw new VolumeError(`${what} cannot be mounted on ${JSON.stringify(target)}`);
}

const FIGURES = [
  '/proc/cpuinfo',
  '/proc/diskstats',
  '/proc/loadavg',
  '/proc/meminfo',
  '/proc/net/dev',
  '/proc/slabinfo',
  '/proc/stat',
  '/proc/swaps',
  '/proc/uptime',
];
