import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** A machine that runs a real systemd: this Debian's own, in namespaces. */
export interface Machine {
  /** A directory of this machine's own disk; the first part of paths inside is what they are here. */
  readonly disk: string;
  /** Runs a bash script in the machine, outside of any unit. */
  readonly run: (script: string) => Ended;
  /** As `run`, but a status other than 0 is an Error; the output, trimmed. */
  readonly must: (script: string) => string;
  readonly end: () => void;
}

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface MachineOptions {
  /** unified: cgroup v2 alone. hybrid: controllers in v1 hierarchies as on the host, so that limits are really there. */
  readonly cgroups: 'unified' | 'hybrid';
}

/** Why no systemd can be started here, which is said on stderr, too; undefined when it can. */
export function whyNoSystemd(): string | undefined {
  return said(systemdProblem());
}

/** A skipped test does not say why in every report. */
export function said(reason: string | undefined): string | undefined {
  if (reason !== undefined) console.error(`tests of systemd are skipped: ${reason}`);
  return reason;
}

function systemdProblem(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  const programs = ['/lib/systemd/systemd', '/usr/bin/dbus-daemon', '/lib/systemd/systemd-machined'];
  const missing = programs.filter((program) => spawnSync('test', ['-x', program]).status !== 0);
  if (missing.length > 0) return `needs ${missing.join(', ')}: packages of group test`;
  if (mounts().every(({ type }) => type !== 'cgroup2')) return 'needs a mounted cgroup2';
  return undefined;
}

/** The checkout, which machines see read only under the same path. */
export const checkout = join(import.meta.dirname, '../..');

/** Boots; takes about a second. Touches nothing of the host but a new directory in each cgroup hierarchy, gone at the end. */
export async function bootMachine({ cgroups }: MachineOptions): Promise<Machine> {
  const state = mkdtempSync(join(tmpdir(), 'tsrkt-systemd-'));
  const name = basename(state);
  const cgroup = join(mounts().find(({ type }) => type === 'cgroup2')?.path ?? '', name);
  const v1 = cgroups === 'hybrid' ? ownV1Directories().map((directory) => join(directory, name)) : [];
  for (const directory of [cgroup, ...v1]) mkdirSync(directory);
  writeLines(state, { name: [name], cgroup: [cgroup], v1, shared: [checkout] });
  const supervisor = spawn(join(import.meta.dirname, 'boot/namespaces.sh'), [state], {
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  });
  const end = () => {
    supervisor.kill('SIGKILL'); // and with it, by the kernel, PID 1 and all that it started
    removeCgroups([cgroup, ...v1]);
    rmSync(state, { recursive: true });
  };
  try {
    const pid = await bootedSystemd(supervisor.pid ?? 0);
    return { ...access(pid, cgroup), disk: join(state, 'disk'), end };
  } catch (error) {
    end();
    throw error;
  }
}

function access(pid: number, cgroup: string): Pick<Machine, 'run' | 'must'> {
  const run = (script: string): Ended => {
    const enter = ['-t', String(pid), '-m', '-u', '-i', '-n', '-p', '-C', '-r', '-w'];
    const env = ['env', '-i', 'HOME=/root', 'LANG=C.UTF-8', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin'];
    const join = `echo $$ > ${cgroup}/outside/cgroup.procs; exec nsenter "$@"`;
    const args = ['-c', join, 'sh', ...enter, ...env, 'bash', '-c', `cd /root; ${script}`];
    const { status, stdout, stderr } = spawnSync('sh', args, { encoding: 'utf8', timeout: 60_000 });
    return { status, stdout, stderr };
  };
  return { run, must: (script) => mustEndWell(script, run(script)) };
}

export function mustEndWell(script: string, { status, stdout, stderr }: Ended): string {
  if (status !== 0) throw new Error(`${script}: exit status ${status}\n${stdout}${stderr}`);
  return stdout.trim();
}

const BOOT_MS = 60_000;

/** The pid, here, of a systemd that has booted: the child of `unshare`. */
async function bootedSystemd(supervisor: number): Promise<number> {
  for (const end = Date.now() + BOOT_MS; Date.now() < end; await setTimeout(50)) {
    const pid = Number(readIfThere(`/proc/${supervisor}/task/${supervisor}/children`).split(' ')[0]);
    if (pid > 0 && isBooted(pid)) return pid;
  }
  throw new Error(`systemd did not boot within ${BOOT_MS / 1000} seconds`);
}

function isBooted(pid: number): boolean {
  if (readIfThere(`/proc/${pid}/comm`).trim() !== 'systemd') return false;
  const { stdout } = spawnSync('nsenter', [
    ...['-t', String(pid), '-m', '-u', '-i', '-n', '-p', '-C', '-r', '-w'],
    ...['systemctl', 'is-system-running'],
  ]);
  return ['running', 'degraded'].includes(String(stdout).trim());
}

/** Of a process that may be gone by now. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}

function mounts() {
  const lines = readFileSync('/proc/self/mounts', 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [, path = '', type = ''] = line.split(' ');
    return { path, type };
  });
}

/** Our own cgroup in each v1 hierarchy: what we make is below it. */
function ownV1Directories(): readonly string[] {
  const own = readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n');
  return mounts()
    .filter(({ type }) => type === 'cgroup')
    .flatMap(({ path }) => {
      const names = [basename(path), `name=${basename(path)}`];
      const line = own.find((each) => names.includes(each.split(':')[1] ?? ''));
      return line === undefined ? [] : [join(path, line.split(':')[2] ?? '')];
    });
}

function writeLines(directory: string, files: Readonly<Record<string, readonly string[]>>): void {
  for (const [name, lines] of Object.entries(files))
    writeFileSync(join(directory, name), lines.map((line) => `${line}\n`).join(''));
}

/** A cgroup whose processes were killed is busy until they are reaped. */
function removeCgroups(directories: readonly string[]): void {
  for (let tries = 0; tries < 100; tries++) {
    if (directories.map(removeCgroup).every(Boolean)) return;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  }
}

function removeCgroup(directory: string): boolean {
  try {
    const below = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    if (!below.map(({ name }) => removeCgroup(join(directory, name))).every(Boolean)) return false;
    rmdirSync(directory);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
