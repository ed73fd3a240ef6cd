import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { runSilently } from './run-silently.ts';

/** What an idle pod costs beside its app: private memory of each process that is ours, in KiB. */
export async function idleMemory(tsrkt: string, run: readonly string[], uuidFile: string) {
  const supervisor = spawn(tsrkt, [...run, `--uuid-file-save=${uuidFile}`], { stdio: 'ignore' });
  const ended = once(supervisor, 'exit');
  await setTimeout(3000);
  const uuid = readFileSync(uuidFile, 'utf8').trim();
  const [global] = run;
  const pause = /^pid=(\d+)$/m.exec(runSilently([tsrkt, global!, 'status', uuid]).stdout)?.[1];
  const memory = { supervisor: privateMemory(supervisor.pid!), pause: privateMemory(Number(pause)) };
  supervisor.kill('SIGTERM');
  await ended;
  return memory;
}

function privateMemory(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return [...rollup.matchAll(/^Private_(?:Clean|Dirty): +(\d+) kB$/gm)].reduce(
    (sum, [, kib]) => sum + Number(kib),
    0,
  );
}
