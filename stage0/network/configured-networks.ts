import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NetworkConfig, networkConfig } from '../../schema/cni/network-config.ts';
import { decodeJson } from '../../schema/json.ts';
import { configFiles } from '../config/config-files.ts';

/** The networks of `net.d/*.conf` and `net.d/*.conflist`, in the order of the files' names; a bad file is an error that names it. */
export function configuredNetworks(configDirectory: string): readonly NetworkConfig[] {
  return configFiles(join(configDirectory, 'net.d'), '.conf', '.conflist').map((path) =>
    decodeJson(readFileSync(path), networkConfig, { what: path, maxBytes: 1 << 20 }),
  );
}
