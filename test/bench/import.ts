// Importing a large image, ready to run: against umoci, which unpacks it, and podman, which loads it. Ratios, for every machine is another.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeLargeImage } from './large-image.ts';
import { peakMemory } from './peak-memory.ts';
import type { Peer } from './peers.ts';
import { type Lap, median, race } from './race.ts';
import { runSilently } from './run-silently.ts';

const rounds = Number(process.argv[2] ?? 3);
const tsrkt = join(import.meta.dirname, '../../dist/tsrkt');
const directory = mkdtempSync(join(tmpdir(), 'tsrkt-bench-'));
const layout = join(directory, 'image');
const fetch = (tag: string, run: string) => [
  tsrkt,
  `--dir=${join(directory, `data-${run}`)}`,
  '--insecure-options=image',
  'fetch',
  `oci:${layout}:${tag}`,
];
try {
  await main();
} finally {
  unmountPodmans();
  rmSync(directory, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const { files, bytes } = await makeLargeImage(layout);
  execFileSync('skopeo', ['copy', '-q', `oci:${layout}:v1`, `oci-archive:${layout}.tar:v1`]);
  const laps = race(peers(), rounds, () => {}, writeBack);
  console.log(
    `an image of ${Math.round(bytes / 1e6)} MB in ${files} files, median of ${rounds} interleaved rounds`,
  );
  printLaps(laps);
  must(fetch('v1', 'two'));
  const second = timed(fetch('v2', 'two'));
  const [first = Number.NaN] = laps.map(({ times }) => median(times));
  console.log(
    `a second image with one more small layer: ${((100 * second) / first).toFixed(1)} % of the first`,
  );
  console.log(`peak memory of tsrkt fetch: ${await peakMemory(fetch('v1', 'memory'))} MB`);
}

function peers(): readonly Peer[] {
  const podman = (run: string) => [
    ...['podman', '--root', join(directory, `podman-${run}`)],
    ...['--runroot', join(directory, `r${run.split('-').at(-1)}`)], // of 50 characters at most
  ];
  return [
    { name: 'tsrkt fetch', command: (run) => fetch('v1', run) },
    {
      name: 'umoci unpack',
      command: (run) => ['umoci', 'unpack', '--image', `${layout}:v1`, join(directory, `umoci-${run}`)],
    },
    { name: 'podman load', command: (run) => [...podman(run), 'load', '-i', `${layout}.tar`] },
  ];
}

/**
 * Nobody waits for what another wrote. Nothing is removed before the end, every run has a place of its own: for minutes ext4 searches
 * long for an inode that was not deleted just now, and who made the first files after a removal would pay for that.
 */
function writeBack(): void {
  execFileSync('sync', ['-f', directory]);
}

function unmountPodmans(): void {
  for (const name of readdirSync(directory).filter((each) => each.startsWith('podman-'))) {
    const overlay = join(directory, name, 'overlay');
    if (existsSync(overlay)) runSilently(['umount', '-l', overlay]);
  }
}

function printLaps(laps: readonly Lap[]): void {
  const own = median(laps[0]?.times ?? []);
  for (const { name, times, reason } of laps) {
    const ms = median(times);
    console.log(
      `${name.padEnd(16)} ${reason ?? `tsrkt takes ${(own / ms).toFixed(2)} of it   (${(ms / 1000).toFixed(1)} s here)`}`,
    );
  }
}

function timed(command: readonly string[]): number {
  const { status, stderr, ms } = runSilently(command);
  if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
  return ms;
}

function must(command: readonly string[]): void {
  timed(command);
}
