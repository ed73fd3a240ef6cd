import { readFileSync } from 'node:fs';

/** The signals this process ignores: what our parent left ignored, and what the runtime does. Ignoring crosses execve(2). */
export function ignoredSignals(): readonly number[] {
  return parseIgnored(readFileSync('/proc/self/status', 'latin1'));
}

/** proc_pid_status(5), SigIgn: a hexadecimal mask in which bit N−1 is signal N. */
export function parseIgnored(status: string): readonly number[] {
  const mask = BigInt(`0x${/^SigIgn:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return Array.from({ length: 64 }, (_, i) => i + 1).filter((signal) => (mask >> BigInt(signal - 1)) & 1n);
}
