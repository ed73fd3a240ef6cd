import { libc } from './call.ts';

/** bits/time.h */
const CLOCK_MONOTONIC = 1;

/** CLOCK_MONOTONIC in microseconds: the machine's own, comparable between processes. */
export function monotonicMicroseconds(): bigint {
  const time = Buffer.alloc(16); // struct timespec: seconds at 0, nanoseconds at 8
  libc('clock_gettime', [CLOCK_MONOTONIC, time]);
  return time.readBigInt64LE(0) * 1_000_000n + time.readBigInt64LE(8) / 1000n;
}

/** CLOCK_MONOTONIC in whole milliseconds. */
export function monotonicMilliseconds(): number {
  return Number(monotonicMicroseconds() / 1000n);
}
