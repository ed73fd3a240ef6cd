import { accessSync, closeSync, constants, fstatSync, readFileSync, readSync, rmSync } from 'node:fs';
import { constants as os } from 'node:os';
import { join } from 'node:path';
import { memoryFile, pipe } from '../../linux/descriptor.ts';
import { replaceFile } from '../../linux/durable-file.ts';
import { ignoredSignals } from '../../linux/ignored-signals.ts';
import { poll } from '../../linux/poll.ts';
import { hasCode } from '../../linux/system-error.ts';
import { reap, waitFor } from '../../linux/wait.ts';
import { formatJson } from '../../schema/format-json.ts';
import { compilePasta } from '../compile/pasta.ts';
import { findProgram } from '../network/find-program.ts';
import { NetworkError } from '../network/network-error.ts';
import { ADDRESS, INTERFACE, type PastaRequest, pastaArguments } from '../network/pasta-arguments.ts';
import { HOST_PATH } from '../network/runner.ts';
import { startChild } from '../program/start-child.ts';

export interface PastaJob extends Pick<PastaRequest, 'ports' | 'metadataPort'> {
  /** The pod's directory. */
  readonly directory: string;
  /** The pod's network namespace. */
  readonly netns: number;
}

/** Connects a pod of an ordinary user: starts pasta, waits until it is ready, and tells what the pod got. It runs until {@link endPasta}. */
export function startPasta({ directory, ports, metadataPort, netns }: PastaJob): void {
  const path = requirePasta();
  const pidFile = join(directory, PID_FILE);
  rmSync(pidFile, { force: true });
  const stderr = memoryFile('pasta', Buffer.alloc(0));
  const alive = pipe();
  try {
    const netnsFile = join(directory, 'netns');
    const pid = startChild(
      compilePasta({
        path,
        argv: ['pasta', ...pastaArguments({ netns: netnsFile, pidFile, ports, metadataPort })],
        env: [`PATH=${HOST_PATH}`],
        stdio: [stderr, stderr, stderr],
        netns,
        netnsFile,
        alive: alive.write,
        ignoredSignals: ignoredSignals(),
      }),
    );
    waitUntilReady(pid, pidFile, stderr);
  } finally {
    for (const fd of [stderr, alive.read, alive.write]) closeSync(fd);
  }
  writeNetInfo(directory, path);
}

/** Ends it. A pod that never had one is fine. */
export function endPasta(directory: string): void {
  const pid = readPid(join(directory, PID_FILE));
  if (pid === undefined) return;
  process.kill(pid, os.signals.SIGKILL); // a child of ours that nobody has waited for: the pid is its own
  waitFor(pid);
  rmSync(join(directory, PID_FILE), { force: true });
}

const PID_FILE = 'pasta.pid';

/** Where a host gives its users no /dev/net/tun nothing can be done. */
function requirePasta(): string {
  const path = findProgram('pasta', HOST_PATH.split(':'));
  if (path === undefined)
    throw new NetworkError(
      'set up network "default": an ordinary user needs the program pasta for it, and this host has none',
      'install the Debian package passt, or use --net=host or --net=none',
    );
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new NetworkError(`set up network "default": open /dev/net/tun: ${code}`, ASK_FOR_TUN);
  }
  return path;
}

const ASK_FOR_TUN = 'ask root to let you open it (udev does by default), or use --net=host or --net=none';

const PATIENCE_MS = 10_000;

function waitUntilReady(pid: number, pidFile: string, stderr: number): void {
  const end = performance.now() + PATIENCE_MS;
  while (readPid(pidFile) === undefined) {
    if (reap(pid) !== undefined) throw new NetworkError(`set up network "default": ${lastWords(stderr)}`);
    if (performance.now() > end) {
      process.kill(pid, os.signals.SIGKILL);
      waitFor(pid);
      throw new NetworkError('set up network "default": pasta does not get ready');
    }
    poll([], 2);
  }
}

function readPid(pidFile: string): number | undefined {
  try {
    const text = readFileSync(pidFile, 'utf8').trim();
    return /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** What pasta said; it also says where it could not say it. */
function lastWords(stderr: number): string {
  const bytes = Buffer.alloc(Math.min(fstatSync(stderr).size, 4096));
  const length = bytes.length === 0 ? 0 : readSync(stderr, bytes, 0, bytes.length, 0);
  const lines = bytes.toString('utf8', 0, length).split('\n');
  const own = lines
    .map((line) => line.replace(/^[\d.]+: /, '').trim())
    .filter((line) => line && !/ to syslog$/.test(line));
  return `pasta: ${own.join('; ') || 'it ended without a word'}`;
}

function writeNetInfo(directory: string, pluginPath: string): void {
  const { address, prefix, gateway } = ADDRESS;
  const entry = {
    netName: 'default',
    ifName: INTERFACE,
    ip: address,
    mask: '255.255.255.0',
    hostIP: gateway,
    ips: [`${address}/${prefix}`],
    pluginPath,
  };
  replaceFile(join(directory, 'net-info.json'), formatJson([entry], 2), { sync: false });
}
