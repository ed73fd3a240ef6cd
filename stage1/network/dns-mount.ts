import type { Mount, RuntimeConfig } from '../../schema/runtime-config.ts';

/**
 * An app's config with the resolv.conf at `source`, written for what the pod's networks said. It goes before a volume at
 * that place and before the image's file, but not before one that stage0 made for `--dns` flags, which is `source` too.
 */
export function withResolvConf(config: RuntimeConfig, source: string): RuntimeConfig {
  const mounts = config.mounts ?? [];
  if (mounts.some((mount) => mount.source === source)) return config;
  const mount: Mount = {
    destination: '/etc/resolv.conf',
    type: 'bind',
    source,
    options: ['bind', 'nosuid', 'noexec', 'nodev'],
  };
  return { ...config, mounts: [...mounts, mount] };
}
