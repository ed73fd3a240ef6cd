import type { Peer } from './peers.ts';
import { runSilently } from './run-silently.ts';

export interface Lap {
  readonly name: string;
  /** Milliseconds of each run; none when the peer cannot run here. */
  readonly times: readonly number[];
  /** Why there are none. */
  readonly reason?: string;
}

/**
 * Every peer once per round, so that a noisy minute is noisy for all. `after` tidies up between rounds, `settle` before each run; both
 * unmeasured.
 */
export function race(
  peers: readonly Peer[],
  rounds: number,
  after: () => void,
  settle: () => void = () => {},
): readonly Lap[] {
  const laps = peers.map((peer) => ({ peer, name: peer.name, times: [] as number[], reason: warmUp(peer) }));
  after();
  for (let round = 0; round < rounds; round++) {
    for (const { peer, times, reason } of laps) {
      if (reason) continue;
      settle();
      times.push(timed(peer, round));
    }
    after();
  }
  return laps.map(({ name, times, reason }) => (reason ? { name, times, reason } : { name, times }));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function warmUp(peer: Peer): string | undefined {
  const { status, stderr } = runSilently(peer.command(`bench-${process.pid}-warm`));
  return status === 0 ? undefined : stderr.trim().split('\n').at(-1) || `exit status ${status}`;
}

function timed(peer: Peer, round: number): number {
  const { status, stderr, ms } = runSilently(peer.command(`bench-${process.pid}-${round}`));
  if (status !== 0) throw new Error(`${peer.name}: ${stderr}`);
  return ms;
}
