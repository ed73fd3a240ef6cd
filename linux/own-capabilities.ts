import { readFileSync } from 'node:fs';
import { CAPABILITIES } from './capability.ts';

/** The capabilities this process has and may hand on. */
export function ownCapabilities(): readonly string[] {
  return parseCapabilities(readFileSync('/proc/self/status', 'latin1'));
}

/** proc_pid_status(5): what is in the permitted set and in the bounding set, both hexadecimal masks. */
export function parseCapabilities(status: string): readonly string[] {
  const mask = (set: string) =>
    BigInt(`0x${new RegExp(`^${set}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1] ?? '0'}`);
  const both = mask('CapPrm') & mask('CapBnd');
  return CAPABILITIES.filter((_, number) => (both >> BigInt(number)) & 1n);
}
