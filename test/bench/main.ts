// Start-up of /bin/true in a new container, and what an idle pod costs. Ratios, for every machine is another.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { idleMemory } from './idle-memory.ts';
import { makeImage } from './image.ts';
import { type Peer, peers } from './peers.ts';
import { type Lap, median, race } from './race.ts';
import { makeRootfs } from './rootfs.ts';
import { runSilently } from './run-silently.ts';

const tsrkt = join(import.meta.dirname, '../../dist/tsrkt');
const rounds = Number(process.argv[2] ?? 21);
const directory = mkdtempSync(join(tmpdir(), 'tsrkt-bench-'));
try {
  await main();
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const rootfs = join(directory, 'rootfs');
  makeRootfs(rootfs);
  const aci = join(directory, 'bench.aci');
  const id = await makeImage(rootfs, aci);
  const data = `--dir=${join(directory, 'data')}`;
  const run = [data, '--insecure-options=image', 'run', '--net=none'];
  must(tsrkt, ...run, aci);
  const own: Peer = { name: 'tsrkt run', command: () => [tsrkt, ...run, id] };
  const laps = race([own, ...peers(directory, rootfs)], rounds, () =>
    must(tsrkt, data, 'gc', '--grace-period=0s'),
  );
  printLaps(laps);
  printMemory(await idleMemory([tsrkt, ...run], id, join(directory, 'uuid')));
  must(tsrkt, data, 'gc', '--grace-period=0s');
}

function printLaps(laps: readonly Lap[]): void {
  const base = median(laps.find(({ name }) => name === 'runc run')?.times ?? []);
  console.log(`/bin/true in a new container, median of ${rounds} interleaved rounds`);
  for (const { name, times, reason } of laps) {
    const ms = median(times);
    console.log(
      `${name.padEnd(28)} ${reason ?? `${(ms / base).toFixed(2)} × runc   (${ms.toFixed(1)} ms here)`}`,
    );
  }
}

function printMemory(memory: Record<string, number>): void {
  console.log('private memory of an idle pod beside its app');
  for (const [process, kib] of Object.entries(memory)) console.log(`${process.padEnd(28)} ${kib} KiB`);
}

function must(...command: readonly string[]): void {
  const { status, stderr } = runSilently(command);
  if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
}
