import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { runSilently } from './run-silently.ts';

/** What an idle pod costs beside its app: private memory of each process that is ours, in KiB. `command` is tsrkt, its --dir and how to run. */
export async function idleMemory(command: readonly string[], image: string, uuidFile: string) {
  const [tsrkt, global, ...run] = command as [string, string, ...string[]];
  const app = [image, '--exec=/bin/sleep', '--', '1000'];
  const supervisor = spawn(tsrkt, [global, ...run, `--uuid-file-save=${uuidFile}`, ...app], {
    stdio: 'ignore',
  });
  const ended = once(supervisor, 'exit');
  await setTimeout(3000);
  const uuid = readFileSync(uuidFile, 'utf8').trim();
  const pause = /^pid=(\d+)$/m.exec(runSilently([tsrkt, global, 'status', uuid]).stdout)?.[1];
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
