import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJson } from '../../schema/json.ts';
import { netInfo, type PodNetwork, type Runtime } from '../../schema/pod-files.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';

/**
 * An app's config with AC_METADATA_URL in its environment (appc spec, ace.md): the service listens on the host, which the pod
 * reaches as the other end of its first network.
 */
export function withMetadataUrl(
  config: RuntimeConfig,
  { metadata }: Runtime,
  host: string | undefined,
): RuntimeConfig {
  const { process } = config;
  if (metadata === undefined || host === undefined || process === undefined) return config;
  const env = (process.env ?? []).filter((entry) => !entry.startsWith('AC_METADATA_URL='));
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${metadata.port}/${metadata.token}`;
  return { ...config, process: { ...process, env: [...env, `AC_METADATA_URL=${url}`] } };
}

/** Where a pod that is connected finds the host; undefined: nowhere. */
export function hostAddress(podDirectory: string, { mode }: PodNetwork): string | undefined {
  if (mode === 'host' || mode === 'user') return '127.0.0.1'; // pasta brings the service's port there
  const file = join(podDirectory, 'net-info.json');
  if (!existsSync(file)) return undefined;
  const networks = decodeJson(readFileSync(file), netInfo, { what: 'net-info.json' });
  return networks.find(({ hostIP }) => hostIP !== undefined)?.hostIP;
}
