import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { NAMESPACE_SYSCTLS } from '../../stage1/network/namespace-sysctls.ts';
import type { HostProgramRunner } from '../../stage1/network/runner.ts';

/** Why tests that need a host of their own are skipped, or false. */
export const noHosts = process.getuid?.() === 0 ? false : 'network namespaces need root';

/** A machine made of a network namespace: pods get their own beside it, and nothing reaches the real one. */
export interface TestHost extends Disposable {
  readonly name: string;
  /** A temporary directory. */
  readonly directory: string;
  /** Where host-local keeps the addresses of this host. */
  readonly addresses: string;
  /** Makes a network namespace for a pod and returns its path. */
  addPod(name: string): string;
  removePod(name: string): void;
  /**
   * Everything that networks leave on a host: interfaces, NAT rules, addresses. The kernel takes interfaces of a dead
   * namespace away in its own time, so this waits a little for what is `expected`.
   */
  traces(expected?: string): string;
  /** Runs a command on the host, or in a pod, and returns its output. */
  exec(command: readonly string[], pod?: string): string;
}

export function makeHost(): TestHost {
  const directory = mkdtempSync(join(tmpdir(), 'tsrkt-net-'));
  const name = basename(directory);
  const addresses = join(directory, 'addresses');
  const pods = new Set<string>();
  const add = (namespace: string) => {
    ip(['netns', 'add', namespace]);
    pods.add(namespace);
  };
  add(name);
  ip(['-n', name, 'link', 'set', 'lo', 'up']);
  return {
    name,
    directory,
    addresses,
    addPod(pod) {
      add(`${name}-${pod}`);
      writeSysctls(`${name}-${pod}`);
      return `/run/netns/${name}-${pod}`;
    },
    removePod(pod) {
      ip(['netns', 'del', `${name}-${pod}`]);
      pods.delete(`${name}-${pod}`);
    },
    traces: (expected) => settledTraces(name, addresses, expected),
    exec: (command, pod) => ip(['netns', 'exec', pod === undefined ? name : `${name}-${pod}`, ...command]),
    [Symbol.dispose]() {
      for (const namespace of pods) ip(['netns', 'del', namespace]);
      rmSync(directory, { recursive: true });
    },
  };
}

/** Runs programs on the host of that name, as stage1 does on the real one. */
export function runnerOn(host: string): HostProgramRunner {
  return ({ path, argv, env, stdin }) => {
    const args = ['netns', 'exec', host, path, ...argv.slice(1)];
    const result = spawnSync('ip', args, { env, input: stdin, encoding: 'utf8' });
    return { status: result.status ?? 128, stdout: result.stdout, stderr: result.stderr };
  };
}

function writeSysctls(namespace: string): void {
  for (const [name, value] of Object.entries(NAMESPACE_SYSCTLS))
    ip(['netns', 'exec', namespace, 'sysctl', '-qw', `${name}=${value}`]);
}

/** The frame that the portmap plugin makes once for all pods of a host, and never removes. */
const OF_ALL_PODS = /^:CNI-HOSTPORT-|^-A CNI-HOSTPORT-(?:MASQ|SETMARK) | -j CNI-HOSTPORT-(?:DNAT|MASQ)$/;

function settledTraces(host: string, addresses: string, expected?: string): string {
  for (let tries = 40; ; tries--) {
    const found = traces(host, addresses);
    if (expected === undefined || found === expected || tries === 0) return found;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  }
}

function traces(host: string, addresses: string): string {
  const rules = ['iptables-save', 'ip6tables-save'].map((tool) => {
    const saved = ip(['netns', 'exec', host, tool, '-t', 'nat']);
    return saved.split('\n').filter((line) => /^:CNI-|^-A/.test(line) && !OF_ALL_PODS.test(line));
  });
  const links = ip(['-n', host, '-o', 'link'])
    .split('\n')
    .map((line) => line.split(':')[1]);
  return JSON.stringify({ links, rules, reserved: reserved(addresses) });
}

function reserved(addresses: string): readonly string[] {
  try {
    const files = readdirSync(addresses, { recursive: true, withFileTypes: true });
    const isAddress = (file: string) => file !== 'lock' && !file.startsWith('last_reserved_ip');
    return files.filter((file) => file.isFile() && isAddress(file.name)).map((file) => file.name);
  } catch {
    return [];
  }
}

function ip(args: readonly string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
