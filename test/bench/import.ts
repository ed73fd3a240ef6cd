// Importing a large image, ready to run: against umoci, which unpacks it, and podman, which loads it. Ratios, for every machine is another.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
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
const data = join(directory, 'data');
const fetch = (tag: string) => [
  tsrkt,
  `--dir=${data}`,
  '--insecure-options=image',
  'fetch',
  `oci:${layout}:${tag}`,
];
try {
  await main();
} finally {
  removePodmans();
  rmSync(directory, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const { files, bytes } = await makeLargeImage(layout);
  execFileSync('skopeo', ['copy', '-q', `oci:${layout}:v1`, `oci-archive:${layout}.tar:v1`]);
  const laps = race(peers(), rounds, removeAll);
  console.log(
    `an image of ${Math.round(bytes / 1e6)} MB in ${files} files, median of ${rounds} interleaved rounds`,
  );
  printLaps(laps);
  must(fetch('v1'));
  const second = timed(fetch('v2'));
  const [first = Number.NaN] = laps.map(({ times }) => median(times));
  console.log(
    `a second image with one more small layer: ${((100 * second) / first).toFixed(1)} % of the first`,
  );
  removeAll();
  console.log(`peak memory of tsrkt fetch: ${await peakMemory(fetch('v1'))} MB`);
}

function peers(): readonly Peer[] {
  const podman = ['podman', '--root', join(directory, 'podman'), '--runroot', join(directory, 'podman-run')];
  return [
    { name: 'tsrkt fetch', command: () => fetch('v1') },
    {
      name: 'umoci unpack',
      command: (run) => ['umoci', 'unpack', '--image', `${layout}:v1`, join(directory, `umoci-${run}`)],
    },
    { name: 'podman load', command: () => [...podman, 'load', '-i', `${layout}.tar`] },
  ];
}

/** Every round begins with nothing, and does not wait for what another wrote. */
function removeAll(): void {
  removePodmans();
  execFileSync('sh', ['-c', 'rm -rf "$0"/data "$0"/umoci-*; sync -f "$0"', directory]);
}

function removePodmans(): void {
  const root = join(directory, 'podman');
  if (existsSync(join(root, 'overlay'))) runSilently(['umount', '-l', join(root, 'overlay')]);
  for (const path of [root, join(directory, 'podman-run')]) rmSync(path, { recursive: true, force: true });
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
