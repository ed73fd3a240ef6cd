import { readFileSync } from 'node:fs';

/** Linux gives every start of the machine a UUID (random(4)). */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
