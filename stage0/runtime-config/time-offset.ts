import type { RuntimeConfig } from '../../schema/runtime-config.ts';

/** An app whose clocks since boot are off by so many seconds (runtime-spec, "Time Offsets"). */
export function withTimeOffset(config: RuntimeConfig, seconds: number | undefined): RuntimeConfig {
  if (seconds === undefined) return config;
  const offset = { secs: BigInt(seconds) };
  return { ...config, linux: { ...config.linux, timeOffsets: { monotonic: offset, boottime: offset } } };
}
