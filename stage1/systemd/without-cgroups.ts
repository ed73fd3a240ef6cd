import type { RuntimeConfig } from '../../schema/runtime-config.ts';

/**
 * An app's config for where it has no cgroup of its own: nothing keeps it from devices but that it cannot make their files.
 */
export function withoutCgroups(config: RuntimeConfig): RuntimeConfig {
  const { process } = config;
  if (process?.capabilities === undefined) return config;
  const sets = Object.entries(process.capabilities).map(([name, set]) => [name, set?.filter(isHarmless)]);
  return { ...config, process: { ...process, capabilities: Object.fromEntries(sets) } };
}

function isHarmless(capability: string): boolean {
  return capability !== 'CAP_MKNOD';
}
