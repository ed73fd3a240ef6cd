import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { checkout, type Ended, type Machine, mustEndWell, said } from './machine.ts';

/** Why no kernel of its own can be started here, which is said on stderr, too; undefined when it can. */
export function whyNoKernel(): string | undefined {
  return said(kernelProblem());
}

function kernelProblem(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  if (process.arch !== 'x64')
    return 'user-mode-linux is for x86-64 alone (impossible here: another architecture)';
  const missing = ['/usr/bin/linux.uml', '/usr/bin/busybox'].filter((file) => !existsSync(file));
  return missing.length > 0 ? `needs ${missing.join(', ')}: packages of group test` : undefined;
}

const BOOT_MS = 120_000;

/** Boots a machine on user-mode-linux: cgroup v2 with the controllers cpu, io, memory and pids. Takes some seconds. */
export function bootKernel(): Machine {
  const state = mkdtempSync(join(tmpdir(), 'tsrkt-kernel-'));
  const control = join(state, 'guest/control');
  mkdirSync(join(state, 'control'));
  writeFileSync(join(state, 'name'), `${basename(state)}\n`);
  writeFileSync(join(state, 'shared'), `${checkout}\n`);
  const supervisor = spawn(join(import.meta.dirname, 'boot/kernel.sh'), [state], {
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  });
  const isRunning = () => supervisor.pid !== undefined && isChild(supervisor.pid);
  const end = () => {
    supervisor.kill('SIGKILL'); // and with it, by the kernel, the guest and all of its threads
    waitUntil(() => !isRunning(), 5000);
    rmSync(state, { recursive: true, maxRetries: 10 });
  };
  if (waitUntil(() => existsSync(join(control, 'up')) || !isRunning(), BOOT_MS) && isRunning()) {
    const run = (script: string) => runInGuest(control, script);
    return { disk: join(state, 'guest/disk'), run, must: (script) => mustEndWell(script, run(script)), end };
  }
  const console = existsSync(join(state, 'console')) ? readFileSync(join(state, 'console'), 'utf8') : '';
  end();
  throw new Error(`user-mode-linux did not boot: ${console.slice(-2000)}`);
}

const RUN_MS = 120_000;

function runInGuest(control: string, script: string): Ended {
  const read = (name: string) => readFileSync(join(control, name), 'utf8');
  rmSync(join(control, 'status'), { force: true });
  writeFileSync(join(control, 'job'), script);
  writeFileSync(join(control, 'go'), '');
  if (!waitUntil(() => existsSync(join(control, 'status')), RUN_MS))
    throw new Error(`${script}: the guest does not answer`);
  return { status: Number(read('status')), stdout: read('stdout'), stderr: read('stderr') };
}

/** The event loop stands still meanwhile, so a process that has ended stays a zombie: not one that runs. */
function isChild(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return /^[^Z]/.test(stdout.trim());
}

function waitUntil(condition: () => boolean, ms: number): boolean {
  for (const end = Date.now() + ms; Date.now() < end; sleep(20)) if (condition()) return true;
  return condition();
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
